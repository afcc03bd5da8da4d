//! Runs the command, and compares what it says with what is expected of it.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The command in a folder, with nothing of this machine's environment.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drawbridge"));
    command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true").current_dir(folder);
    command
}

/// What was said in a session, one command after the other.
#[derive(Default)]
pub struct Transcript {
    text: String,
    /// What differs from run to run, and what stands for it.
    names: Vec<(String, &'static str)>,
}

impl Transcript {
    /// Has a name stand for what differs from run to run.
    pub fn name(&mut self, text: &str, name: &'static str) {
        self.names.push((text.to_owned(), name));
    }

    /// Runs a command to its end.
    pub fn run(&mut self, command: &mut Command, arguments: &[&str]) {
        let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
        let said = |stream: Vec<u8>| String::from_utf8(stream).unwrap();
        let exit = status.code().map_or("by a signal".to_owned(), |code| code.to_string());
        writeln!(self.text, "$ drawbridge {}\n[exit {exit}]", arguments.join(" ")).unwrap();
        for (name, text) in [("stdout", said(stdout)), ("stderr", said(stderr))] {
            if !text.is_empty() {
                writeln!(self.text, "[{name}]\n{}", text.trim_end()).unwrap();
            }
        }
        self.text.push('\n');
    }

    /// Compares all that was said with `expected/<name>.txt`; `UPDATE_GOLDEN=1` writes it anew.
    pub fn check(self, name: &str) {
        let mut text = self.text;
        for (value, name) in &self.names {
            text = text.replace(value, name);
        }
        let text = without_chance(&text);
        let path = tests().join(format!("expected/{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text == expected, "{} is otherwise:\n{text}", path.display());
    }
}

/// The folder of these tests.
pub fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The Python of the tools.
pub fn python() -> PathBuf {
    tests().join("../../.venv/bin/python")
}

/// Runs a command at a terminal, which Python makes.
pub fn at_terminal(command: &Command, arguments: &[&str], answer: &str) -> (i32, String) {
    const SPAWN: &str = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut terminal = Command::new(python());
    terminal.args(["-c", SPAWN]).arg(command.get_program()).args(arguments);
    terminal.env_clear().current_dir(command.get_current_dir().unwrap());
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same with names for what AWS makes up: times, and ids of requests. `0` stands for a digit, `x` for a hexadecimal one.
fn without_chance(text: &str) -> String {
    const FORMS: [(&str, &str); 2] =
        [("0000-00-00T00:00:00Z", "TIME"), ("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "REQUEST")];
    let fits = |char: char, form: char| match form {
        '0' => char.is_ascii_digit(),
        'x' => char.is_ascii_hexdigit(),
        _ => char == form,
    };
    let is_of = |text: &str, form: &str| text.chars().zip(form.chars()).all(|(char, form)| fits(char, form));
    let mut left = text;
    let mut without = String::new();
    while let Some(first) = left.chars().next() {
        let found = FORMS.iter().find(|(form, _)| left.get(..form.len()).is_some_and(|start| is_of(start, form)));
        let length = if let Some((form, name)) = found {
            without.push_str(name);
            form.len()
        } else {
            without.push(first);
            first.len_utf8()
        };
        left = &left[length..];
    }
    without
}
