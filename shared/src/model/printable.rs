//! Text from outside, for a terminal: names and tags are whatever their owner wrote.

/// The text in one line that commands no terminal: what is not printable is escaped, an end of line too.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Escaped where a text stands in quotation marks, which it doesn't here.
            '"' | '\'' | '\\' => printed.push(character),
            _ => printed.extend(character.escape_debug()),
        }
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_or_ends_a_line_is_escaped_and_the_rest_stays() {
        assert_eq!(printable("Zürich \"A\\B\" 決済"), "Zürich \"A\\B\" 決済");
        assert_eq!(printable("a\n\r\t\0b"), r"a\n\r\t\0b");
        assert_eq!(printable("\u{1b}[2J\u{9b}2J"), r"\u{1b}[2J\u{9b}2J");
        assert_eq!(printable("\u{85}\u{2028}\u{2029}\u{202e}"), r"\u{85}\u{2028}\u{2029}\u{202e}");
    }
}
