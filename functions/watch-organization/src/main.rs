//! The Lambda function that has connections reviewed when an account of the Organization changes.

use std::process::ExitCode;

use drawbridge::{controller::organization::Organization, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let private_link = hub.aws.private_link(FunctionName::WatchOrganization.as_str(), &rules.configuration);
        Organization::new(private_link, hub.bus())
    })
    .await
}
