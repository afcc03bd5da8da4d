//! Variations of seeds: what people, cut-off messages and attackers make of a text.

use super::random::Random;

/// Bits of text that mean something to a parser here, or that parsers stumble over.
const WORDS: [&str; 32] = [
    "permit",
    "forbid",
    "when {",
    "unless {",
    "@id(\"a\")",
    "principal",
    "context.now",
    "datetime(\"2026\")",
    "&x ",
    "*x",
    "---\n",
    "!!str ",
    "? ",
    ": ",
    "- ",
    "|\n",
    "\u{feff}",
    "\u{1b}[31m",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\0",
    "\\u0000",
    "\\ud800",
    "ä😀",
    "99999999999999999999",
    "-0",
    "1e999",
    "null",
    "{\"a\":",
    "0x7f",
    "drawbridge:",
];

/// A seed with a change, and half of the times with more.
pub fn varied(seeds: &[Vec<u8>], random: &Random) -> Vec<u8> {
    let mut text = random.pick(seeds).clone();
    change(&mut text, seeds, random);
    while random.chance(500) {
        change(&mut text, seeds, random);
    }
    text
}

fn change(text: &mut Vec<u8>, seeds: &[Vec<u8>], random: &Random) {
    let from = random.index(text.len() + 1);
    let short = from + random.index((text.len() - from + 1).min(40));
    let piece = text[from..short].to_vec();
    match random.below(8) {
        0 => text.truncate(from),
        1 => drop(text.drain(from..short)),
        2 => insert(text, random.index(text.len() + 1), &piece),
        3 => insert(text, from, &piece.repeat(random.index(300))),
        4 => insert(text, from, random.pick(&WORDS).as_bytes()),
        5 => drop(text.splice(from..short, random.pick(&WORDS).bytes())),
        6 => {
            let other = random.pick(seeds);
            let rest = &other[random.index(other.len() + 1)..];
            text.splice(from.., rest.iter().copied());
        }
        _ => {
            if let Some(byte) = text.get_mut(from) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}
