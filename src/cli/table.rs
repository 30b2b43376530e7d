//! A table as text: columns as wide as what they hold.

use super::terminal;

/// Rows below a head.
pub(super) struct Table<const N: usize> {
    /// For each column, whether it stands to the right.
    right: [bool; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A head whose words begin with `>` where the column stands to the right.
    pub(super) fn new(head: [&str; N]) -> Self {
        Self {
            right: head.map(|word| word.starts_with('>')),
            rows: vec![head.map(|word| word.trim_start_matches('>').to_owned())],
        }
    }

    pub(super) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// True without a row below the head.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The rows, one space between columns, so that the widest fits a terminal; what a narrow one has no room for is cut.
    pub(super) fn text(&self) -> String {
        self.within(terminal::of_terminal().unwrap_or(usize::MAX))
    }

    /// The rows in at most `columns` characters, or in what the first column takes: it says what a row is about, so it stays.
    /// Words of the others are cut, the widest column first, then columns are left out from the right.
    fn within(&self, columns: usize) -> String {
        /// What is left of a word still tells it from most others.
        const LEAST: usize = 8;
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..N).map(width).collect();
        let takes =
            |widths: &[usize]| widths.iter().sum::<usize>() + widths.len().saturating_sub(1);
        while takes(&widths) > columns {
            let words = widths.iter_mut().zip(&self.right).skip(1);
            let words = words.filter(|(width, right)| !**right && **width > LEAST);
            match words.map(|(width, _)| width).max() {
                Some(widest) => *widest -= 1,
                None => break,
            }
        }
        while takes(&widths) > columns && widths.len() > 1 {
            widths.pop();
        }
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.right);
            let cells = cells.map(|((cell, &width), right)| {
                let cell = terminal::fitted(cell, width);
                match right {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                }
            });
            let line = cells.collect::<Vec<_>>().join(" ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_cuts_words_then_leaves_columns_out() {
        let mut table = Table::new(["ID", "SCOPE", ">HITS", "FILE"]);
        table.row(["go-test", "tool_output:Bash", "12", "a.toml"].map(str::to_owned));
        let check = |columns: usize, lines: [&str; 2]| {
            let text = table.within(columns);
            assert_eq!(text.lines().collect::<Vec<_>>(), lines, "{columns}");
        };
        let whole = [
            "ID      SCOPE            HITS FILE",
            "go-test tool_output:Bash   12 a.toml",
        ];
        check(usize::MAX, whole);
        check(36, whole);
        check(
            30,
            [
                "ID      SCOPE      HITS FILE",
                "go-test tool_outp…   12 a.toml",
            ],
        );
        check(22, ["ID      SCOPE    HITS", "go-test tool_ou…   12"]);
        check(16, ["ID      SCOPE", "go-test tool_ou…"]);
        check(3, ["ID", "go-test"]);
    }
}
