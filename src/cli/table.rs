//! A table as text: columns as wide as what they hold.

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

    /// The rows, one space between columns, so that the widest fits a terminal.
    pub(super) fn text(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..N).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.right);
            let cells = cells.map(|((cell, &width), right)| match right {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            });
            let line = cells.collect::<Vec<_>>().join(" ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
