//! The rules in force: the last good version of the documents, looked at again from time to time.

use std::{rc::Rc, time::Duration};

use jiff::Timestamp;

use crate::{
    policy::{Acceptance, Configuration, Faults, Rules},
    port::{Clock, DocumentTexts, Documents, PortError, done_by, later},
};

/// How old the rules may be before the documents are polled: a second more than the shortest time that `AppConfig` allows, as
/// a poll that comes early is refused and not every one takes equally long. With the longest run (`lambda.rs`) it keeps the
/// promise that the kill switch works within a minute.
const POLL_AFTER: Duration = Duration::from_secs(16);

/// How long a poll may take; what is in force stays in force when it takes longer.
const POLL_TIMEOUT: Duration = Duration::from_secs(5);

/// The last good rules, and where newer ones come from.
///
/// # Guarantees
/// - A new version comes into force as a whole, both documents checked together, or not at all; but for one thing:
/// - a stricter mode comes into force at once, even when the policy beside it is broken or can't be read.
///
/// # Caveats
/// The last good version is remembered by a running function only: one that starts with a bad version doesn't start.
#[derive(Debug)]
pub struct Settings<D> {
    documents: D,
    reading: Reading,
    rules: Rc<Rules>,
    polled: Timestamp,
    /// What was read last.
    last: Option<DocumentTexts>,
    /// What is wrong with it.
    rejected: Option<Faults>,
}

/// How texts become documents. Simulations bring one that reads no text twice, as that is slow and pure.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Reads `drawbridge.yaml`.
    pub configuration: fn(&str) -> Result<Configuration, Faults>,
    /// Reads `acceptance.cedar`.
    pub acceptance: fn(&str) -> Result<Acceptance, Faults>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { configuration: Configuration::parse, acceptance: Acceptance::parse }
    }
}

impl Reading {
    fn rules(&self, configuration: &str, acceptance: &str) -> Result<Rules, Faults> {
        Rules::of((self.configuration)(configuration), (self.acceptance)(acceptance))
    }
}

/// Why there are no rules to start with.
#[derive(Debug, thiserror::Error)]
pub enum NoRules {
    /// The documents can't be read.
    #[error("the configuration can't be read")]
    Unreadable(#[source] PortError),
    /// The documents are wrong.
    #[error("the configuration is not valid:\n{0}")]
    Invalid(Faults),
}

/// Why newer documents are not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// They can't be read.
    Stale(String),
    /// They are wrong.
    Rejected(Faults),
}

impl<D: Documents> Settings<D> {
    /// Reads the first version.
    ///
    /// # Errors
    /// When there is none, or it is wrong: all its faults.
    pub async fn load(documents: D, clock: &impl Clock) -> Result<Self, NoRules> {
        Self::load_by(Reading::default(), documents, clock).await
    }

    /// Reads the first version, and all that follow, in this way.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub async fn load_by(reading: Reading, mut documents: D, clock: &impl Clock) -> Result<Self, NoRules> {
        let polled = clock.now();
        let texts = documents.poll().await;
        let configuration = texts.configuration.as_ref().map_err(|error| NoRules::Unreadable(error.clone()))?;
        let acceptance = texts.acceptance.as_ref().map_err(|error| NoRules::Unreadable(error.clone()))?;
        let rules = reading.rules(configuration, acceptance).map_err(NoRules::Invalid)?;
        Ok(Self { documents, reading, rules: Rc::new(rules), polled, last: Some(texts), rejected: None })
    }

    /// The rules in force, after a look at the documents when the last one is too long ago.
    pub async fn current(&mut self, clock: &impl Clock) -> (Rc<Rules>, Option<Warning>) {
        let now = clock.now();
        let age = Duration::try_from(now.duration_since(self.polled)).ok();
        // A clock that went back counts as a long time.
        let stale = if age.is_none_or(|age| age >= POLL_AFTER) { self.poll(clock, now).await } else { None };
        let warning = stale.or_else(|| self.rejected.clone().map(Warning::Rejected));
        (Rc::clone(&self.rules), warning)
    }

    async fn poll(&mut self, clock: &impl Clock, now: Timestamp) -> Option<Warning> {
        let Some(texts) = done_by(clock, later(now, POLL_TIMEOUT), self.documents.poll()).await else {
            // Asked again with the next invocation.
            return Some(Warning::Stale("no answer in time".to_owned()));
        };
        self.polled = now;
        let unreadable = match (&texts.configuration, &texts.acceptance) {
            (Err(error), _) | (_, Err(error)) => Some(Warning::Stale(error.to_string())),
            (Ok(_), Ok(_)) => None,
        };
        if self.last.as_ref() != Some(&texts) {
            self.take(&texts);
            self.last = Some(texts);
        }
        unreadable
    }

    fn take(&mut self, texts: &DocumentTexts) {
        let Ok(configuration) = &texts.configuration else { return };
        if let Ok(acceptance) = &texts.acceptance {
            match self.reading.rules(configuration, acceptance) {
                Ok(rules) => {
                    (self.rules, self.rejected) = (Rc::new(rules), None);
                    return;
                }
                Err(faults) => self.rejected = Some(faults),
            }
        }
        // The kill switch must not wait for somebody to mend the policy.
        if let Ok(configuration) = (self.reading.configuration)(configuration) {
            let mut rules = Rules::clone(&self.rules);
            rules.configuration.take_stricter_modes(&configuration);
            if rules.configuration != self.rules.configuration {
                self.rules = Rc::new(rules);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{policy::Mode, port::FailureKind};

    struct Hand(Cell<Timestamp>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            self.0.get()
        }

        async fn wait_until(&self, _: Timestamp) {
            std::future::pending::<()>().await;
        }
    }

    impl Hand {
        fn advance(&self, seconds: i64) {
            self.0.set(Timestamp::from_second(self.0.get().as_second() + seconds).unwrap());
        }
    }

    /// Versions in the order in which they come, the last first; the last one stays.
    #[derive(Debug)]
    struct Versions(Vec<DocumentTexts>);

    impl Documents for Versions {
        async fn poll(&mut self) -> DocumentTexts {
            let next = self.0.last().cloned().unwrap();
            if self.0.len() > 1 {
                self.0.pop();
            }
            next
        }
    }

    const POLICY: &str = "@id(\"p\") permit (principal, action, resource);";

    fn configuration(mode: &str) -> String {
        format!(
            "{{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: {mode},
               providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}}}"
        )
    }

    fn texts(mode: &str) -> DocumentTexts {
        DocumentTexts { configuration: Ok(configuration(mode)), acceptance: Ok(POLICY.to_owned()) }
    }

    fn broken_policy(mode: &str) -> DocumentTexts {
        DocumentTexts { acceptance: Ok("permit".to_owned()), ..texts(mode) }
    }

    fn unreadable() -> PortError {
        let (place, message) = (String::new(), String::new());
        PortError { call: "test:Poll", place, kind: FailureKind::Retry, code: None, message }
    }

    async fn load(mut versions: Vec<DocumentTexts>) -> (Hand, Result<Settings<Versions>, NoRules>) {
        versions.reverse();
        let clock = Hand(Cell::new(Timestamp::UNIX_EPOCH));
        let settings = Settings::load(Versions(versions), &clock).await;
        (clock, settings)
    }

    /// Mode in force, and whether there is a warning, after each version but the first.
    async fn modes(versions: Vec<DocumentTexts>) -> Vec<(Mode, bool)> {
        let polls = versions.len() - 1;
        let (clock, settings) = load(versions).await;
        let mut settings = settings.unwrap();
        let mut seen = Vec::new();
        for _ in 0..polls {
            clock.advance(16);
            let (rules, warning) = settings.current(&clock).await;
            seen.push((rules.configuration.mode, warning.is_some()));
        }
        seen
    }

    #[tokio::test]
    async fn new_version_comes_into_force_when_it_is_polled() {
        assert_eq!(modes(vec![texts("observe"), texts("off")]).await, [(Mode::Off, false)]);
    }

    #[tokio::test]
    async fn bad_version_leaves_the_last_good_one_in_force_and_warns_until_it_is_mended() {
        let versions = vec![texts("enforce"), texts("wrong"), texts("wrong"), texts("observe")];
        let expected = [(Mode::Enforce, true), (Mode::Enforce, true), (Mode::Observe, false)];
        assert_eq!(modes(versions).await, expected);
    }

    #[tokio::test]
    async fn unreadable_documents_leave_the_last_good_version_in_force_and_warn() {
        let nothing = DocumentTexts { configuration: Err(unreadable()), acceptance: Err(unreadable()) };
        let seen = modes(vec![texts("enforce"), nothing, texts("enforce")]).await;
        assert_eq!(seen, [(Mode::Enforce, true), (Mode::Enforce, false)]);
    }

    #[tokio::test]
    async fn off_comes_into_force_though_the_policy_is_broken_or_unreadable() {
        let unreadable_policy = DocumentTexts { acceptance: Err(unreadable()), ..texts("off") };
        for version in [broken_policy("off"), unreadable_policy] {
            assert_eq!(modes(vec![texts("enforce"), version]).await, [(Mode::Off, true)]);
        }
    }

    #[tokio::test]
    async fn laxer_mode_does_not_come_into_force_beside_a_broken_policy() {
        let seen = modes(vec![texts("observe"), broken_policy("enforce")]).await;
        assert_eq!(seen, [(Mode::Observe, true)]);
    }

    #[tokio::test]
    async fn documents_are_not_polled_again_at_once() {
        let (clock, settings) = load(vec![texts("observe"), texts("off")]).await;
        clock.advance(15);
        assert_eq!(settings.unwrap().current(&clock).await.0.configuration.mode, Mode::Observe);
    }

    #[tokio::test]
    async fn start_fails_with_all_faults_when_the_first_version_is_wrong() {
        let wrong = DocumentTexts { configuration: Ok("version: 2".into()), acceptance: Ok("permit".into()) };
        let error = load(vec![wrong]).await.1.unwrap_err().to_string();
        assert!(error.contains("drawbridge.yaml:1:1") && error.contains("acceptance.cedar:1:"), "{error}");
    }
}
