//! What is wrong with a document, and where.

use std::fmt;

use crate::model::printable;

/// Longest message, in characters: it may quote a document of a megabyte.
const MESSAGE_LIMIT: usize = 500;
/// Most faults that are told in one text: it goes into one line of the log.
const TOLD: usize = 100;

/// One thing that is wrong in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Name of the document.
    pub document: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault with these words, as far as one line has room for them. What is quoted must not forge lines or rule a terminal.
    pub(super) fn new(document: &'static str, (line, column): (usize, usize), words: &str) -> Self {
        let printable = printable(words);
        let mut characters = printable.chars();
        let mut message: String = characters.by_ref().take(MESSAGE_LIMIT).collect();
        if characters.next().is_some() {
            message.push('…');
        }
        Self { document, line, column, message }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: {}", self.document, self.line, self.column, self.message)
    }
}

/// All that is wrong, in the order of the documents. Never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds those of another document.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The faults, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        let mut faults: Vec<Fault> = faults.into_iter().collect();
        faults.sort();
        faults.dedup();
        Self(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().take(TOLD).enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            fault.fmt(formatter)?;
        }
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(formatter, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Faults {}

/// The place of a byte offset in a text, as line and column from 1.
#[must_use]
pub fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or("").chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_quotes_no_more_than_fits_and_nothing_that_rules_a_terminal() {
        let fault = Fault::new("d", (1, 1), &format!("a\nb\u{1b}[31m\"{}", "ä".repeat(1_000_000)));
        assert!(fault.message.starts_with("a\\nb\\u{1b}[31m\"ää"), "{}", fault.message);
        assert_eq!(fault.message.chars().count(), MESSAGE_LIMIT + 1);
    }

    #[test]
    fn faults_without_number_are_told_in_a_text_that_can_be_logged() {
        let faults: Faults = (1..=100_000).map(|line| Fault::new("d", (line, 1), "wrong")).collect();
        let told = faults.to_string();
        assert_eq!((told.lines().count(), told.lines().last()), (101, Some("and 99900 more")));
        assert_eq!(faults.iter().count(), 100_000);
    }

    #[test]
    fn place_counts_lines_and_characters_from_one() {
        assert_eq!(place("ab\ncd", 0), (1, 1));
        assert_eq!(place("ab\ncd", 4), (2, 2));
        assert_eq!(place("ä = 1", 3), (1, 3));
        assert_eq!(place("ab", 99), (1, 3));
    }
}
