//! The Lambda function that answers connection requests at endpoint services, and cuts off who lost the right.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::connections::Connections, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let private_link = hub.aws.private_link(FunctionName::AcceptConnections.as_str(), &rules.configuration);
        Connections::new(private_link, hub.aws.organizations(), SystemClock).notifying(hub.topic.clone())
    })
    .await
}
