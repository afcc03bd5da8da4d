//! The Lambda function that AWS AppConfig asks whether a document can be deployed.

use std::process::ExitCode;

use drawbridge::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::validator::start().await
}
