//! The operator's command. It reads what the functions read, judges as they judge, and writes what only a person may say.
//!
//! A command is added by a file with its arguments and its `run`, and by its name in `arguments`.

mod adoption;
mod approval;
mod arguments;
mod caller;
mod deployment;
mod exit;
mod explain;
mod output;
mod place;
mod search;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // On the heap: all that a command awaits is in it.
    match Box::pin(Arguments::parse().run()).await {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::note(&failure.to_string());
            failure.exit.into()
        }
    }
}
