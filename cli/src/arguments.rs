//! The command line: the commands, and the arguments that several of them take.

use clap::{Args, Parser, Subcommand};

use crate::{
    adoption::Adopt,
    approval::{Approve, Refuse},
    exit::{Exit, Failure},
    explain::Explain,
    validate::Validate,
};

/// Names the documents when `--source` doesn't, as it does for the functions.
pub const SOURCE_VARIABLE: &str = "DRAWBRIDGE_SOURCE";
/// Names the hub's event bus when `--bus` doesn't, as it does for the functions.
pub const BUS_VARIABLE: &str = "DRAWBRIDGE_BUS";
/// Names the role when `--role` doesn't.
pub const ROLE_VARIABLE: &str = "DRAWBRIDGE_ROLE";

const AFTER_HELP: &str = "\
Standard output is data, standard error is the rest.

Exit status:
  0  nothing is wrong, or it is done
  1  there are findings, or it was refused
  2  it could not be told: wrong arguments, no credentials, no answer, endpoint not found

Environment:
  DRAWBRIDGE_SOURCE, DRAWBRIDGE_BUS, DRAWBRIDGE_ROLE  stand for --source, --bus, --role
  AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL ...
      as every tool of AWS reads them; credentials of the hub account, the hub's Region";

/// Looks into Drawbridge, and tells it what only a person may say.
#[derive(Debug, Parser)]
#[command(name = "drawbridge", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The commands. Each has a file of its own.
#[derive(Debug, Subcommand)]
enum Command {
    Validate(Validate),
    Explain(Explain),
    Approve(Approve),
    Refuse(Refuse),
    Adopt(Adopt),
}

impl Arguments {
    /// Runs the command that they name.
    pub async fn run(self) -> Result<Exit, Failure> {
        match self.command {
            Command::Validate(command) => command.run().await,
            Command::Explain(command) => command.run().await,
            Command::Approve(command) => command.run().await,
            Command::Refuse(command) => command.run().await,
            Command::Adopt(command) => Box::pin(command.run()).await,
        }
    }
}

/// Which deployment is meant, and how its accounts are reached.
#[derive(Debug, Args)]
pub struct Access {
    /// Where the rules in force are: file:<folder> or appconfig:<application>/<environment>
    #[arg(long, env = SOURCE_VARIABLE, value_name = "SOURCE", hide_env_values = true)]
    pub source: String,
    /// Role that is assumed in accounts other than the hub [default: providers.role of the configuration]
    #[arg(long, env = ROLE_VARIABLE, value_name = "NAME", hide_env_values = true)]
    pub role: Option<String>,
}
