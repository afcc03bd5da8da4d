//! AWS `AppConfig`: the documents as two configuration profiles of one application and environment.

use aws_config::SdkConfig;
use aws_sdk_appconfigdata::Client;
use futures_util::future::join;

use super::error::port_error;
use crate::{
    policy::{ACCEPTANCE_DOCUMENT, CONFIGURATION_DOCUMENT},
    port::{DocumentTexts, Documents, FailureKind, PortError},
};

/// Shortest time between two polls that a session allows, in seconds; the service's own minimum.
const LEAST_POLL_INTERVAL: i32 = 15;

/// Both documents, polled.
#[derive(Debug)]
pub struct AppConfig {
    client: Client,
    application: String,
    environment: String,
    configuration: Profile,
    acceptance: Profile,
}

/// One profile and where its session stands.
#[derive(Debug)]
struct Profile {
    name: &'static str,
    token: Option<String>,
    text: Option<String>,
}

impl AppConfig {
    pub(super) fn new(config: &SdkConfig, application: &str, environment: &str) -> Self {
        let profile = |name| Profile { name, token: None, text: None };
        Self {
            client: Client::new(config),
            application: application.to_owned(),
            environment: environment.to_owned(),
            configuration: profile(CONFIGURATION_DOCUMENT),
            acceptance: profile(ACCEPTANCE_DOCUMENT),
        }
    }
}

impl Documents for AppConfig {
    async fn poll(&mut self) -> DocumentTexts {
        let session = Session { client: &self.client, application: &self.application, environment: &self.environment };
        let (configuration, acceptance) =
            join(session.poll(&mut self.configuration), session.poll(&mut self.acceptance)).await;
        DocumentTexts { configuration, acceptance }
    }
}

struct Session<'a> {
    client: &'a Client,
    application: &'a str,
    environment: &'a str,
}

impl Session<'_> {
    /// The profile's text, as new as AWS has it.
    async fn poll(&self, profile: &mut Profile) -> Result<String, PortError> {
        let place = format!("{}/{}/{}", self.application, self.environment, profile.name);
        let token = match profile.token.take() {
            Some(token) => token,
            None => self.start(profile.name, &place).await?,
        };
        let output = self.client.get_latest_configuration().configuration_token(token).send().await;
        // Without its token, the next poll starts a new session.
        let output = output.map_err(|error| port_error("appconfig:GetLatestConfiguration", place.clone(), &error))?;
        profile.token = output.next_poll_configuration_token().map(ToOwned::to_owned);
        // An empty body means: as before.
        if let Some(body) = output.configuration().map(AsRef::as_ref).filter(|body: &&[u8]| !body.is_empty()) {
            let text = std::str::from_utf8(body).map_err(|_| unusable(&place, "the document is not UTF-8"))?;
            profile.text = Some(text.to_owned());
        }
        profile.text.clone().ok_or_else(|| unusable(&place, "no version is deployed"))
    }

    async fn start(&self, profile: &str, place: &str) -> Result<String, PortError> {
        const CALL: &str = "appconfig:StartConfigurationSession";
        let output = self
            .client
            .start_configuration_session()
            .application_identifier(self.application)
            .environment_identifier(self.environment)
            .configuration_profile_identifier(profile)
            .required_minimum_poll_interval_in_seconds(LEAST_POLL_INTERVAL)
            .send()
            .await
            .map_err(|error| port_error(CALL, place.to_owned(), &error))?;
        output.initial_configuration_token().map(ToOwned::to_owned).ok_or_else(|| unusable(place, "no token was given"))
    }
}

fn unusable(place: &str, message: &str) -> PortError {
    PortError {
        call: "appconfig:GetLatestConfiguration",
        place: place.to_owned(),
        kind: FailureKind::Refused,
        code: None,
        message: message.to_owned(),
    }
}
