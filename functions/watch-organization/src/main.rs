//! The Lambda function that has connections reviewed when an account of the Organization changes.

use std::process::ExitCode;

use drawbridge::{controller::organization::Organization, lambda};

const NAME: &str = "watch-organization";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(NAME, |hub, rules| Organization::new(hub.aws.private_link(NAME, &rules.configuration), hub.bus()))
        .await
}
