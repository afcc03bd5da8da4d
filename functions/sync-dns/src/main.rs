//! The Lambda function that keeps private DNS in step: domains verified, names of endpoints and the VPCs they answer in.

use std::process::ExitCode;

use drawbridge::{aws::SystemClock, controller::dns::Dns, lambda, policy::FunctionName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::start(|hub, rules| {
        let (function, configuration) = (FunctionName::SyncDns.as_str(), &rules.configuration);
        Dns::new(
            hub.aws.private_link(function, configuration),
            hub.aws.hosted_zones(function, configuration),
            hub.aws.private_link(function, configuration),
            hub.aws.organizations(),
            SystemClock,
        )
    })
    .await
}
