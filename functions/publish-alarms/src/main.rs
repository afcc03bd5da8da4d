//! The Lambda function that keeps alarms and dashboards in step with endpoints and endpoint services.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::alarms::Alarms, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let (function, configuration) = (FunctionName::PublishAlarms.as_str(), &rules.configuration);
        Alarms::new(
            hub.aws.private_link(function, configuration),
            hub.aws.tagging(function, configuration),
            hub.aws.cloudwatch(function, configuration),
            hub.aws.organizations(),
            SystemClock,
        )
    })
    .await
}
