//! Rows → comma-separated values.

use std::borrow::Cow;
use std::fs::File;

use super::rows::{Cell, Rows};
use super::{Table, Trouble};

/// A text that begins with one of these is a formula to some spreadsheet, or, with the first, would look like one that
/// was made harmless. The wide forms are those of East Asian keyboards.
const FORMULAS: &[char] = &[
    '\'', '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠',
];

/// Writes the header and the rows.
pub(super) fn write(table: &Table, mut rows: Rows<'_>, file: &mut File) -> Result<(), Trouble> {
    let mut writer = csv::Writer::from_writer(file);
    let header = table.columns.iter().map(|column| column.name);
    writer.write_record(header).map_err(of_csv)?;
    while rows.next(|_, cell| {
        let field = match cell {
            Cell::Nothing => Cow::Borrowed(""),
            Cell::Text(text) => harmless(text),
            Cell::Time(text) => Cow::Borrowed(text),
            Cell::Count(count) => count.to_string().into(),
            Cell::Number(number) => number.to_string().into(),
            Cell::Flag(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
        };
        writer.write_field(field.as_ref()).map_err(of_csv)
    })? {
        writer.write_record(None::<&[u8]>).map_err(of_csv)?;
    }
    writer.flush().map_err(Trouble::File)
}

/// A text that no spreadsheet runs: logs hold what strangers wrote. Whoever takes an apostrophe at the beginning away
/// has the text again.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULAS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn of_csv(error: csv::Error) -> Trouble {
    Trouble::File(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    })
}
