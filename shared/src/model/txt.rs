//! The text of a TXT record, and how Route 53 wants it written: strings in quotation marks, one after the other.
//!
//! Source: Route 53 developer guide, supported DNS record types, TXT.

/// Longest string of a TXT record, in bytes. Text that is longer is cut into several, which belong together.
const STRING_LIMIT: usize = 255;

/// Most characters of a value, quotation marks included.
pub const VALUE_LIMIT: usize = 4_000;

/// Writes a text as the value of a TXT record.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 2);
    value.push('"');
    for (index, byte) in text.bytes().enumerate() {
        if index > 0 && index % STRING_LIMIT == 0 {
            value.push_str("\" \"");
        }
        match byte {
            b'"' | b'\\' => value.extend(['\\', char::from(byte)]),
            b' '..=b'~' => value.push(char::from(byte)),
            _ => value.extend(['\\', digit(byte >> 6), digit(byte >> 3), digit(byte)]),
        }
    }
    value.push('"');
    value
}

/// The last octal digit.
fn digit(number: u8) -> char {
    char::from(b'0' + (number & 7))
}

/// Reads the value of a TXT record, however it is cut and escaped; `None` when it is no such value or no text.
#[must_use]
pub fn unquote(value: &str) -> Option<String> {
    let mut text = Vec::new();
    let mut rest = value.trim().as_bytes();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = string(rest.strip_prefix(b"\"")?, &mut text)?.trim_ascii_start();
    }
    String::from_utf8(text).ok()
}

/// Reads one string up to its closing quotation mark, and gives what follows.
fn string<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Some(after),
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                text.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                after
            }
            [b'\\', b'0'..=b'9', ..] | [] => return None,
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                text.push(*byte);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_quoted_and_escaped_as_route_53_wants_it() {
        assert_eq!(quote(""), r#""""#);
        assert_eq!(quote("vpce:l6p0ERxlTt45jevFwOCp"), r#""vpce:l6p0ERxlTt45jevFwOCp""#);
        assert_eq!(quote(r#"a "b" \c"#), r#""a \"b\" \\c""#);
        assert_eq!(quote("ä\n"), r#""\303\244\012""#);
    }

    #[test]
    fn long_text_is_cut_into_strings_of_255_bytes() {
        let value = quote(&"a".repeat(511));
        assert_eq!(value, format!("\"{0}\" \"{0}\" \"a\"", "a".repeat(255)));
    }

    #[test]
    fn value_is_read_however_it_is_cut_and_escaped() {
        assert_eq!(unquote(r#" "a"  "b""c" "#).unwrap(), "abc");
        assert_eq!(unquote(r#""\141\"\;""#).unwrap(), "a\";");
    }

    #[test]
    fn what_is_no_value_or_no_text_is_not_read() {
        for value in ["", "a", r#""a"#, r#""a" b"#, r#""a\"#, r#""\9""#, r#""\12""#, r#""\377""#] {
            assert_eq!(unquote(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn text_comes_back_as_it_was(text in "(\\PC|[\\x00-\\x20\"\\\\]|[a-c]{100}){0,12}") {
            let value = quote(&text);
            prop_assert!(value.is_ascii());
            prop_assert_eq!(unquote(&value), Some(text));
        }

        #[test]
        fn any_value_is_read_or_refused(value in "[\"\\\\ a0-9\\PC]{0,20}") {
            if let Some(text) = unquote(&value) {
                prop_assert_eq!(unquote(&quote(&text)), Some(text));
            }
        }
    }
}
