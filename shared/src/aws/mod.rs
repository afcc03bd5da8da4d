//! The ports on AWS: one file per service. Translates, pages, batches and classifies errors; decides nothing.
//!
//! Clients are made when they are first needed, and kept until the configuration changes.

mod app_config;
mod batch;
mod bus;
mod cloud_map;
mod cloudwatch;
mod endpoints;
mod error;
mod file;
mod organization;
mod pages;
mod private_link;
mod queue;
mod resolvers;
mod route53;
mod tagging;

use std::{fmt, time::Duration};

use aws_config::{
    AppName, BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_smithy_http_client::{
    Builder,
    tls::{self, rustls_provider::CryptoMode},
};
use jiff::Timestamp;

pub use self::{
    app_config::AppConfig, bus::EventBridge, cloud_map::CloudMap, cloudwatch::CloudWatch, error::error_chain,
    file::Files, organization::Organizations, private_link::Ec2, queue::Sqs, route53::Route53, tagging::Tagging,
};
use crate::{
    model::{AccountId, Region},
    policy::Configuration,
    port::{Clock, DocumentTexts, Documents},
};

/// Attempts of one call, the first included. Longer waits are the queue's: they cost no paid time.
const ATTEMPTS: u32 = 3;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A page of 1,000 connections can take seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);
/// A place that hangs must leave time for others.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// The way to AWS: what all clients have in common.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// Reads Region, credentials and endpoint from the environment, as every tool of AWS does.
    pub async fn from_environment() -> Self {
        Self::load(aws_config::defaults(BehaviorVersion::v2026_01_12())).await
    }

    /// Puts our transport, time-outs and retries on a loader that has the rest.
    pub async fn load(loader: ConfigLoader) -> Self {
        // ring: the default stack gathers jitter entropy at its first handshake, tens of milliseconds at full CPU.
        let http = Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(LONGEST_BACKOFF);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let mut loader = loader
            .http_client(http)
            .retry_config(retries)
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Ok(name) = AppName::new("drawbridge") {
            loader = loader.app_name(name);
        }
        Self { config: loader.load().await }
    }

    /// Both sides of `PrivateLink`, as ports `PrivateLink` and `Endpoints`, in the accounts that the role of the
    /// configuration is in.
    #[must_use]
    pub fn private_link(&self, session: &'static str, configuration: &Configuration) -> Ec2 {
        Ec2::new(Access::new(self.clone(), session, configuration))
    }

    /// Hosted zones, the VPCs that they answer in, and what the resolvers of these are set to, in the same accounts.
    #[must_use]
    pub fn hosted_zones(&self, session: &'static str, configuration: &Configuration) -> Route53 {
        Route53::new(Access::new(self.clone(), session, configuration))
    }

    /// Tags, what is behind endpoint services, the targets there, and who made what, in the same accounts.
    #[must_use]
    pub fn tagging(&self, session: &'static str, configuration: &Configuration) -> Tagging {
        Tagging::new(Access::new(self.clone(), session, configuration), self.private_link(session, configuration))
    }

    /// Alarms, dashboards and metrics, in the same accounts.
    #[must_use]
    pub fn cloudwatch(&self, session: &'static str, configuration: &Configuration) -> CloudWatch {
        CloudWatch::new(Access::new(self.clone(), session, configuration), configuration)
    }

    /// Cloud Map, in the same accounts. The targets that follow it are with [`Self::tagging`], whose clients they need.
    #[must_use]
    pub fn cloud_map(&self, session: &'static str, configuration: &Configuration) -> CloudMap {
        CloudMap::new(Access::new(self.clone(), session, configuration))
    }

    /// A queue in our own Region.
    #[must_use]
    pub fn queue(&self, url: String) -> Sqs {
        Sqs::new(&self.config, url)
    }

    /// The Organization, as far as this account may read it.
    #[must_use]
    pub fn organizations(&self) -> Organizations {
        Organizations::new(&self.config)
    }

    /// An event bus of this account.
    #[must_use]
    pub fn bus(&self, name: String) -> EventBridge {
        EventBridge::new(&self.config, name)
    }

    /// The documents that a pointer names: `file:<folder>` or `appconfig:<application>/<environment>`.
    ///
    /// # Errors
    /// A pointer of another form.
    pub fn documents(&self, pointer: &str) -> Result<Source, InvalidPointer> {
        if let Some(folder) = pointer.strip_prefix("file:").filter(|folder| !folder.is_empty()) {
            return Ok(Source::Files(Files::new(folder)));
        }
        let names = pointer.strip_prefix("appconfig:").and_then(|names| names.split_once('/'));
        match names {
            Some((application, environment)) if !application.is_empty() && !environment.is_empty() => {
                Ok(Source::AppConfig(Box::new(AppConfig::new(&self.config, application, environment))))
            }
            _ => Err(InvalidPointer(pointer.to_owned())),
        }
    }
}

/// A pointer to documents that can't be followed.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither file:<folder> nor appconfig:<application>/<environment>")]
pub struct InvalidPointer(String);

/// Where the documents come from.
#[derive(Debug)]
pub enum Source {
    /// A folder.
    Files(Files),
    /// AWS AppConfig.
    AppConfig(Box<AppConfig>),
}

impl Documents for Source {
    async fn poll(&mut self) -> DocumentTexts {
        match self {
            Self::Files(files) => files.poll().await,
            Self::AppConfig(app_config) => app_config.poll().await,
        }
    }
}

/// The ways into the accounts that are looked after.
#[derive(Debug)]
struct Access {
    aws: Aws,
    session: &'static str,
    hub: AccountId,
    role: String,
    external_id: Option<String>,
}

impl Access {
    fn new(aws: Aws, session: &'static str, configuration: &Configuration) -> Self {
        let providers = &configuration.providers;
        Self {
            aws,
            session,
            hub: configuration.hub_account.clone(),
            role: providers.role.clone(),
            external_id: providers.external_id.clone(),
        }
    }

    /// The configuration of clients for one account and Region.
    async fn config(&self, account: &AccountId, region: &Region) -> SdkConfig {
        let region = aws_config::Region::new(region.as_str().to_owned());
        self.global_config(account).await.into_builder().region(region).build()
    }

    /// The configuration of clients for one account, in our own Region, by which the SDK finds that of a global service:
    /// our own credentials in the hub, the role's elsewhere.
    async fn global_config(&self, account: &AccountId) -> SdkConfig {
        if *account == self.hub {
            return self.aws.config.clone();
        }
        let role = format!("arn:{}:iam::{account}:role/{}", self.partition(), self.role);
        let mut provider = AssumeRoleProvider::builder(role).session_name(self.session).configure(&self.aws.config);
        if let Some(external_id) = &self.external_id {
            provider = provider.external_id(external_id);
        }
        let provider = provider.build().await;
        let config = self.aws.config.to_builder();
        config.credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(provider)).build()
    }

    /// An Organization lives in one partition: the hub's.
    fn partition(&self) -> &'static str {
        let region = self.aws.config.region().map_or("", AsRef::as_ref);
        crate::model::partition(region)
    }
}

/// The time of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn wait_until(&self, time: Timestamp) {
        // By a timer: that the clock is set in the meantime changes nothing about the time that is left.
        tokio::time::sleep(Duration::try_from(time.duration_since(self.now())).unwrap_or_default()).await;
    }
}

/// Account and Region, as errors name a place.
fn place(account: impl fmt::Display, region: impl fmt::Display) -> String {
    format!("{account}/{region}")
}
