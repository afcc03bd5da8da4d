//! Whose credentials these are: what is asked of the hub with the credentials of another account would be looked for there.

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use drawbridge::{aws::error_chain, model::AccountId};

use crate::exit::Failure;

/// The account that the environment's credentials belong to. AWS tells it to everybody who has any.
///
/// # Errors
/// When there are none, or AWS doesn't take them or doesn't answer.
pub async fn account() -> Result<AccountId, Failure> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http).load().await;
    let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
    let identity = identity.map_err(|error| unknown(&error_chain(&error)))?;
    let account = identity.account().unwrap_or_default();
    account.parse().map_err(|error| unknown(&error_chain(&error)))
}

/// Refuses credentials of an account other than the hub.
///
/// # Errors
/// When they are, or it can't be told.
pub async fn check(hub: &AccountId) -> Result<(), Failure> {
    let account = Box::pin(account()).await?;
    if account == *hub {
        return Ok(());
    }
    Err(Failure::unclear(format!("these are credentials of account {account}, and hub-account is {hub}"))
        .remedy(format!("use credentials of account {hub}: AWS_PROFILE, or AWS_ACCESS_KEY_ID and so on")))
}

fn unknown(why: &str) -> Failure {
    Failure::unclear(format!("whose credentials these are can't be told: {why}")).remedy(
        "AWS needs credentials of the hub account (AWS_PROFILE, or AWS_ACCESS_KEY_ID and so on), and its Region (AWS_REGION)",
    )
}
