//! The rules in force: the last good version of the documents, looked at again from time to time.

use std::{rc::Rc, time::Duration};

use jiff::Timestamp;

use crate::{
    policy::{Faults, Rules},
    port::{Clock, Documents, PortError},
};

/// How old the rules may be before the documents are polled. The kill switch has to work within a minute.
const POLL_AFTER: Duration = Duration::from_secs(45);

/// The last good rules, and where newer ones come from.
///
/// # Guarantees
/// A new version comes into force as a whole, both documents checked together, or not at all.
#[derive(Debug)]
pub struct Settings<D> {
    documents: D,
    rules: Rc<Rules>,
    polled: Timestamp,
    /// What is wrong with the version that was read last, as long as it is the newest.
    rejected: Option<Faults>,
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
    Stale(PortError),
    /// They are wrong.
    Rejected(Faults),
}

impl<D: Documents> Settings<D> {
    /// Reads the first version.
    ///
    /// # Errors
    /// When there is none, or it is wrong: all its faults.
    pub async fn load(mut documents: D, clock: &impl Clock) -> Result<Self, NoRules> {
        let polled = clock.now();
        let texts = documents.poll().await.map_err(NoRules::Unreadable)?.unwrap_or_default();
        let rules = Rules::parse(&texts.configuration, &texts.acceptance).map_err(NoRules::Invalid)?;
        Ok(Self { documents, rules: Rc::new(rules), polled, rejected: None })
    }

    /// The rules in force, after a look at the documents when the last one is too long ago.
    pub async fn current(&mut self, clock: &impl Clock) -> (Rc<Rules>, Option<Warning>) {
        let now = clock.now();
        let age = Duration::try_from(now.duration_since(self.polled)).ok();
        // A clock that went back counts as a long time.
        if age.is_none_or(|age| age >= POLL_AFTER) {
            self.polled = now;
            match self.documents.poll().await {
                Ok(None) => {}
                Ok(Some(texts)) => match Rules::parse(&texts.configuration, &texts.acceptance) {
                    Ok(rules) => (self.rules, self.rejected) = (Rc::new(rules), None),
                    Err(faults) => self.rejected = Some(faults),
                },
                Err(error) => return (Rc::clone(&self.rules), Some(Warning::Stale(error))),
            }
        }
        (Rc::clone(&self.rules), self.rejected.clone().map(Warning::Rejected))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{
        policy::Mode,
        port::{DocumentTexts, FailureKind},
    };

    type Poll = Result<Option<DocumentTexts>, PortError>;

    struct Hand(Cell<Timestamp>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            self.0.get()
        }
    }

    impl Hand {
        fn advance(&self, seconds: i64) {
            self.0.set(Timestamp::from_second(self.0.get().as_second() + seconds).unwrap());
        }
    }

    /// Versions in the order in which they come, the last first.
    #[derive(Debug)]
    struct Versions(Vec<Poll>);

    impl Documents for Versions {
        async fn poll(&mut self) -> Poll {
            self.0.pop().unwrap_or(Ok(None))
        }
    }

    fn texts(mode: &str) -> DocumentTexts {
        DocumentTexts {
            configuration: format!(
                "{{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: {mode}, providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}}}"
            ),
            acceptance: "@id(\"p\") permit (principal, action, resource);".into(),
        }
    }

    fn versions<const N: usize>(modes: [&str; N]) -> Vec<Poll> {
        modes.map(|mode| Ok(Some(texts(mode)))).into()
    }

    fn unreachable() -> PortError {
        PortError {
            call: "test:Poll",
            place: String::new(),
            kind: FailureKind::Retry,
            code: None,
            message: String::new(),
        }
    }

    async fn modes(mut versions: Vec<Poll>) -> Vec<(Mode, bool)> {
        versions.reverse();
        let clock = Hand(Cell::new(Timestamp::UNIX_EPOCH));
        let polls = versions.len();
        let mut settings = Settings::load(Versions(versions), &clock).await.unwrap();
        let mut seen = Vec::new();
        for _ in 1..polls {
            clock.advance(46);
            let (rules, warning) = settings.current(&clock).await;
            seen.push((rules.configuration.mode, warning.is_some()));
        }
        seen
    }

    #[tokio::test]
    async fn new_version_comes_into_force_when_it_is_polled() {
        assert_eq!(modes(versions(["observe", "off"])).await, [(Mode::Off, false)]);
    }

    #[tokio::test]
    async fn bad_version_leaves_the_last_good_one_in_force_and_warns_until_it_is_mended() {
        let seen =
            modes(vec![Ok(Some(texts("enforce"))), Ok(Some(texts("wrong"))), Ok(None), Ok(Some(texts("observe")))])
                .await;
        assert_eq!(seen, [(Mode::Enforce, true), (Mode::Enforce, true), (Mode::Observe, false)]);
    }

    #[tokio::test]
    async fn unreachable_source_leaves_the_last_good_version_in_force_and_warns() {
        let seen = modes(vec![Ok(Some(texts("enforce"))), Err(unreachable()), Ok(None)]).await;
        assert_eq!(seen, [(Mode::Enforce, true), (Mode::Enforce, false)]);
    }

    #[tokio::test]
    async fn documents_are_not_polled_again_at_once() {
        let clock = Hand(Cell::new(Timestamp::UNIX_EPOCH));
        let mut settings = Settings::load(Versions(versions(["off", "observe"])), &clock).await.unwrap();
        clock.advance(44);
        assert_eq!(settings.current(&clock).await.0.configuration.mode, Mode::Observe);
    }

    #[tokio::test]
    async fn start_fails_with_all_faults_when_the_first_version_is_wrong() {
        let texts = DocumentTexts { configuration: "version: 2".into(), acceptance: "permit".into() };
        let clock = Hand(Cell::new(Timestamp::UNIX_EPOCH));
        let error = Settings::load(Versions(vec![Ok(Some(texts))]), &clock).await.unwrap_err().to_string();
        assert!(error.contains("drawbridge.yaml:1:1") && error.contains("acceptance.cedar:1:"), "{error}");
    }
}
