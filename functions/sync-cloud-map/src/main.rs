//! The Lambda function that keeps Cloud Map in step with endpoints, and targets with Cloud Map.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::cloud_map::CloudMap, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let (function, configuration) = (FunctionName::SyncCloudMap.as_str(), &rules.configuration);
        CloudMap::new(
            hub.aws.private_link(function, configuration),
            hub.aws.cloud_map(function, configuration),
            hub.aws.tagging(function, configuration),
            SystemClock,
            rules,
        )
    })
    .await
}
