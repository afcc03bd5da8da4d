//! The rules in force in one environment, kept as `settings.rs` keeps them, with documents that are read once in a thread.

use std::{rc::Rc, time::Duration};

use drawbridge::{
    policy::Rules,
    port::{Clock, DocumentTexts, Documents},
};
use jiff::Timestamp;

use super::version::read;

const POLL_AFTER: Duration = Duration::from_secs(16);

#[derive(Debug)]
pub struct Rulebook<D> {
    documents: D,
    rules: Rc<Rules>,
    polled: Timestamp,
    last: DocumentTexts,
}

impl<D: Documents> Rulebook<D> {
    /// Reads the first version; `None` when there is none, or it is wrong.
    pub async fn load(mut documents: D, clock: &impl Clock) -> Option<Self> {
        let polled = clock.now();
        let last = documents.poll().await;
        let rules = match (&last.configuration, &last.acceptance) {
            (Ok(configuration), Ok(acceptance)) => Rc::new(read(configuration, acceptance).ok()?),
            _ => return None,
        };
        Some(Self { documents, rules, polled, last })
    }

    pub async fn current(&mut self, clock: &impl Clock) -> Rc<Rules> {
        let now = clock.now();
        let age = Duration::try_from(now.duration_since(self.polled)).ok();
        if age.is_none_or(|age| age >= POLL_AFTER) {
            let texts = self.documents.poll().await;
            self.polled = now;
            if self.last != texts {
                self.take(&texts);
                self.last = texts;
            }
        }
        Rc::clone(&self.rules)
    }

    fn take(&mut self, texts: &DocumentTexts) {
        let Ok(configuration) = &texts.configuration else { return };
        if let Some(rules) = texts.acceptance.as_ref().ok().and_then(|acceptance| read(configuration, acceptance).ok())
        {
            self.rules = Rc::new(rules);
            return;
        }
        let sound = "@id(\"p\") permit (principal, action, resource);";
        if let Ok(stricter) = read(configuration, sound)
            && stricter.configuration.mode < self.rules.configuration.mode
        {
            let mut rules = Rules::clone(&self.rules);
            rules.configuration.mode = stricter.configuration.mode;
            self.rules = Rc::new(rules);
        }
    }
}
