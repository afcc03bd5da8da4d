//! The Lambda function that answers connection requests at endpoint services.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::connections::Connections, lambda};

const NAME: &str = "accept-connections";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(NAME, |aws, rules| {
        Connections::new(aws.private_link(NAME, &rules.configuration), aws.organizations(), SystemClock)
    })
    .await
}
