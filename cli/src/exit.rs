//! How the command ends, and what it says when it didn't do what it was asked.

use std::{fmt, process::ExitCode};

use drawbridge::port::{FailureKind, PortError};

/// How the command ends, for scripts. Wrong arguments end it as [`Exit::Unclear`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong, or it is done.
    Fine,
    /// There are findings, or it was refused.
    Findings,
    /// It could not be told.
    Unclear,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Unclear => 2,
        })
    }
}

/// Why it wasn't done.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// How the command ends on it.
    pub exit: Exit,
    what: String,
    remedy: Option<String>,
}

impl Failure {
    /// It was understood, and refused.
    pub fn refused(what: impl Into<String>) -> Self {
        Self { exit: Exit::Findings, what: what.into(), remedy: None }
    }

    /// It could not be told, or not be done.
    pub fn unclear(what: impl Into<String>) -> Self {
        Self { exit: Exit::Unclear, what: what.into(), remedy: None }
    }

    /// Says what to do about it.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        let remedy = match error.kind {
            FailureKind::Retry => {
                "try it again; if it stays, see whether AWS can be reached with these credentials (AWS_PROFILE, AWS_REGION)"
                    .to_owned()
            }
            FailureKind::Denied => format!(
                "use credentials of the hub account that may call {}; in other accounts the role named by --role counts",
                error.call
            ),
            FailureKind::Gone | FailureKind::Overtaken | FailureKind::Refused => "see whether its name and place are right".to_owned(),
        };
        Self::unclear(error.to_string()).remedy(remedy)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.what)?;
        self.remedy.iter().try_for_each(|remedy| write!(formatter, "\nhint: {remedy}"))
    }
}
