//! The Lambda function that keeps tags in step: who made a resource, for whom, by which rule, at whose cost.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::tags::Tagger, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let (function, configuration) = (FunctionName::TagResources.as_str(), &rules.configuration);
        Tagger::new(
            hub.aws.private_link(function, configuration),
            hub.aws.hosted_zones(function, configuration),
            hub.aws.tagging(function, configuration),
            hub.aws.organizations(),
            SystemClock,
        )
    })
    .await
}
