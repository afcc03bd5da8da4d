//! What goes where: standard output is data, standard error is everything that is said about it. Never a colour.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::ValueEnum;
use drawbridge::model::printable;

use crate::exit::Failure;

/// How data is written: for people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// Writes one piece of data, and ends the line.
pub fn data(data: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", data.trim_end())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::unclear(format!("standard output can't be written: {error}")))
}

/// Says something beside the data.
pub fn note(text: &str) {
    say(text);
}

/// Says what is wrong, though it isn't what ends the command.
pub fn error(text: &str) {
    say(&format!("error: {text}"));
}

/// Says what may be wrong.
pub fn warn(text: &str) {
    say(&format!("warning: {text}"));
}

fn say(text: &str) {
    let mut err = io::stderr().lock();
    for line in text.lines() {
        // There is nobody left to tell when standard error is gone.
        let _ = writeln!(err, "{}", printable(line));
    }
}

/// A number with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// Whether there is a person who can be asked.
pub fn is_at_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Asks the person at the terminal. Anything but a yes is a no.
///
/// # Errors
/// When there is no terminal.
pub fn confirm(question: &str) -> Result<bool, Failure> {
    if !is_at_terminal() {
        return Err(Failure::refused("nothing was written: there is no terminal to confirm it at")
            .remedy("say --yes when it is meant"));
    }
    let mut err = io::stderr().lock();
    let mut answer = String::new();
    write!(err, "{question} [y/N] ")
        .and_then(|()| err.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failure::unclear(format!("nothing was written: the terminal can't be read: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
