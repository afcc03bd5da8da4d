//! The Lambda function that answers connection requests at endpoint services, and cuts off who lost the right.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::connections::Connections, lambda};

const NAME: &str = "accept-connections";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(NAME, |hub, rules| {
        Connections::new(hub.aws.private_link(NAME, &rules.configuration), hub.aws.organizations(), SystemClock)
    })
    .await
}
