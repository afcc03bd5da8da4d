//! Versions of the documents: who may connect, on what terms, in which mode, and what is wrong with it.

use std::{cell::RefCell, collections::BTreeMap, thread::LocalKey, time::Duration};

use drawbridge::{
    policy::{Acceptance, Configuration, Faults, Mode},
    settings::Reading,
};

use super::{
    alarms,
    cast::{HUB, ORGANIZATION, REGION},
    cloud_map, dns,
    policy::{POLICIES, Policy},
    random::Random,
    tags,
};

/// What becomes of connections that lost their right, and the rest of the configuration.
#[derive(Debug)]
pub struct Terms {
    pub remember: Duration,
    pub grace: Duration,
    pub most: usize,
    pub most_percent: usize,
    /// The cases in which connections are cut off.
    pub of: &'static [&'static str],
    pub manage: &'static str,
    pub require_acceptance: bool,
    pub reject_after: Option<Duration>,
}

const USUAL: Terms = Terms {
    remember: MINUTE.saturating_mul(5),
    grace: MINUTE.saturating_mul(20),
    most: 3,
    most_percent: 100,
    of: &["forbidden", "lost"],
    manage: "none",
    require_acceptance: false,
    reject_after: None,
};
const EVERY_CASE: &[&str] = &["forbidden", "lost", "never-permitted"];
const MINUTE: Duration = Duration::from_mins(1);

pub const TERMS: [Terms; 10] = [
    USUAL,
    Terms { remember: Duration::ZERO, ..USUAL },
    Terms { grace: Duration::ZERO, ..USUAL },
    Terms { grace: MINUTE, most: 1, ..USUAL },
    Terms { most_percent: 25, of: EVERY_CASE, ..USUAL },
    Terms { manage: "add", require_acceptance: true, ..USUAL },
    Terms { manage: "exact", ..USUAL },
    Terms { manage: "exact", most: 1, grace: MINUTE, remember: MINUTE, require_acceptance: true, ..USUAL },
    Terms { reject_after: Some(Duration::from_mins(30)), of: EVERY_CASE, grace: MINUTE, ..USUAL },
    Terms { of: &[], most: 0, ..USUAL },
];

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    Configuration,
    Policy,
}

/// One version.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    pub policy: Policy,
    pub terms: usize,
    pub mode: Mode,
    pub flaw: Option<Flaw>,
    /// What is done about names, where they are played: an index of [`dns::terms::TERMS`].
    pub names: Option<usize>,
    /// Which tags are kept in step, where they are played: an index of [`tags::terms::TERMS`].
    pub tags: Option<usize>,
    /// Which alarms are kept, where they are played.
    pub alarms: Option<alarms::terms::Alarms>,
    /// What is kept in step with Cloud Map, where it is played: an index of [`cloud_map::terms::TERMS`].
    pub cloud_map: Option<usize>,
    /// Whether `sync-dns`, `tag-resources`, `publish-alarms` or `sync-cloud-map` observes, whatever the mode of all.
    pub observes: bool,
}

impl Version {
    pub fn draw(random: &Random) -> Self {
        let mode = match random.below(16) {
            0 => Mode::Off,
            1 => Mode::Observe,
            _ => Mode::Enforce,
        };
        let flaw = match random.below(10) {
            0 => Some(Flaw::Configuration),
            1 => Some(Flaw::Policy),
            _ => None,
        };
        Self {
            policy: *random.pick(&POLICIES),
            terms: random.index(TERMS.len()),
            mode,
            flaw,
            names: None,
            tags: None,
            alarms: None,
            cloud_map: None,
            observes: false,
        }
    }

    /// The same with something to be done about names.
    pub fn with_names(self, random: &Random) -> Self {
        Self { names: Some(random.index(dns::terms::TERMS.len())), observes: random.chance(100), ..self }
    }

    /// The same with tags to be written.
    pub fn with_tags(self, random: &Random) -> Self {
        Self { tags: Some(random.index(tags::terms::TERMS.len())), observes: random.chance(100), ..self }
    }

    /// The same with alarms to be kept.
    pub fn with_alarms(self, ground: alarms::terms::Ground, random: &Random) -> Self {
        Self { alarms: Some(alarms::terms::Alarms::draw(ground, random)), observes: random.chance(100), ..self }
    }

    /// The same with something to be kept in step with Cloud Map.
    pub fn with_cloud_map(self, random: &Random) -> Self {
        Self { cloud_map: Some(random.index(cloud_map::terms::TERMS.len())), observes: random.chance(100), ..self }
    }

    pub fn cloud_map(&self) -> Option<&'static cloud_map::terms::Terms> {
        self.cloud_map.map(|index| &cloud_map::terms::TERMS[index])
    }

    pub fn tags(&self) -> Option<&'static tags::terms::Terms> {
        self.tags.map(|index| &tags::terms::TERMS[index])
    }

    pub fn names(&self) -> Option<&'static dns::terms::Terms> {
        self.names.map(|index| &dns::terms::TERMS[index])
    }

    /// The mode of a function, which may be stricter than that of all.
    pub fn mode_of(&self, function: &str) -> Mode {
        if ["sync-dns", "tag-resources", "publish-alarms", "sync-cloud-map"].contains(&function) && self.observes {
            self.mode.min(Mode::Observe)
        } else {
            self.mode
        }
    }

    pub fn terms(&self) -> &'static Terms {
        &TERMS[self.terms]
    }

    /// `drawbridge.yaml`.
    pub fn configuration(&self) -> String {
        let terms = self.terms();
        let requests =
            terms.reject_after.map_or("{}".to_owned(), |after| format!("{{reject-after: {}s}}", after.as_secs()));
        let text = format!(
            "{{version: 1, deployment: hub, organization: {ORGANIZATION}, hub-account: '{HUB}', mode: {},
               membership: {{remember: {}s}}, requests: {requests},
               revocation: {{of: [{}], grace: {}s, most: {}, most-percent: {}}},
               principals: {{manage: {}, require-acceptance: {}}},
               providers: {{accounts: ['{HUB}', '333333333333'], regions: [{REGION}]}}{}{}{}{}{}}}",
            self.mode,
            terms.remember.as_secs(),
            terms.of.join(", "),
            terms.grace.as_secs(),
            terms.most,
            terms.most_percent,
            terms.manage,
            terms.require_acceptance,
            self.names().map(dns::terms::Terms::text).unwrap_or_default(),
            self.tags().map(tags::terms::Terms::text).unwrap_or_default(),
            self.alarms.map(|alarms| alarms.text()).unwrap_or_default(),
            self.cloud_map().map(cloud_map::terms::Terms::text).unwrap_or_default(),
            match self {
                Self { observes: false, .. } => "",
                Self { tags: Some(_), .. } => ", modes: {tag-resources: observe}",
                Self { alarms: Some(_), .. } => ", modes: {publish-alarms: observe}",
                Self { cloud_map: Some(_), .. } => ", modes: {sync-cloud-map: observe}",
                _ => ", modes: {sync-dns: observe}",
            }
        );
        if self.flaw == Some(Flaw::Configuration) { self.broken_configuration(&text) } else { text }
    }

    /// The document with a fault of a kind that people make.
    fn broken_configuration(&self, text: &str) -> String {
        match self.terms % 5 {
            0 => text.replace("version: 1", "version: 9"),
            1 => text.replace("mode: ", "mode: en"),
            2 => text.replace("deployment: hub", "deployment: hub, mood: off"),
            3 => text[..text.len() / 2].to_owned(),
            _ => String::new(),
        }
    }

    /// `acceptance.cedar`.
    pub fn acceptance(&self) -> String {
        match self.flaw {
            Some(Flaw::Policy) => self.broken_acceptance(),
            _ => self.policy.text(),
        }
    }

    fn broken_acceptance(&self) -> String {
        let text = self.policy.text();
        match self.terms % 5 {
            0 => text[..text.len() / 2].to_owned(),
            1 => text.replace("@id", "@name"),
            2 => format!("{text} {text}"),
            3 => text + " permit (principal, action, resource) when { context.weather == \"fine\" };",
            _ => "// nobody".to_owned(),
        }
    }

    /// What is in force when this version was, and one is read whose configuration is sound and whose policy isn't.
    pub fn in_modes_of(self, other: Self) -> Self {
        let mode = self.mode.min(other.mode);
        Self { mode, observes: self.observes || (other.observes && mode == Mode::Enforce), ..self }
    }

    pub fn tell(&self) -> String {
        let flaw = match self.flaw {
            Some(Flaw::Configuration) => ", but drawbridge.yaml is wrong",
            Some(Flaw::Policy) => ", but acceptance.cedar is wrong",
            None => "",
        };
        let observes = if self.observes { ", and it observes" } else { "" };
        let names = self.names().map(|names| format!(", {names:?}{observes}")).unwrap_or_default();
        let tags = self.tags().map(|tags| format!(", {tags:?}{observes}")).unwrap_or_default();
        let alarms = self.alarms.map(|alarms| format!(", {alarms:?}{observes}")).unwrap_or_default();
        let discovery = self.cloud_map().map(|terms| format!(", {terms:?}{observes}")).unwrap_or_default();
        format!(
            "mode {}, policy {:?}, {:?}{names}{tags}{alarms}{discovery}{flaw}",
            self.mode,
            self.policy,
            self.terms()
        )
    }
}

/// Documents by their text.
type Documents<D> = RefCell<BTreeMap<String, Result<D, Faults>>>;

thread_local! {
    static CONFIGURATIONS: Documents<Configuration> = const { RefCell::new(BTreeMap::new()) };
    static POLICIES_READ: Documents<Acceptance> = const { RefCell::new(BTreeMap::new()) };
}

/// Reads each text once in a thread: that is pure, and slow.
pub const READING: Reading = Reading {
    configuration: |text| remember(&CONFIGURATIONS, text, Configuration::parse),
    acceptance: |text| remember(&POLICIES_READ, text, Acceptance::parse),
};

fn remember<D: Clone>(
    read: &'static LocalKey<Documents<D>>,
    text: &str,
    parse: fn(&str) -> Result<D, Faults>,
) -> Result<D, Faults> {
    read.with_borrow_mut(|read| match read.get(text) {
        Some(document) => document.clone(),
        None => read.entry(text.to_owned()).or_insert_with(|| parse(text)).clone(),
    })
}

#[test]
fn version_is_refused_by_what_is_wrong_with_it_and_by_nothing_else() {
    for policy in POLICIES {
        for terms in 0..TERMS.len() {
            for flaw in [None, Some(Flaw::Configuration), Some(Flaw::Policy)] {
                let names = terms.checked_sub(1);
                let (tags, observes) =
                    (terms.checked_sub(2).filter(|index| *index < tags::terms::TERMS.len()), names.is_some());
                // Either plays with accounts of consumers.
                let names = names.filter(|_| tags.is_none());
                let alarms =
                    alarms::terms::TERMS.get(terms.saturating_sub(1)).filter(|_| names.is_none() && tags.is_none());
                let ground = alarms::terms::Ground::of((terms * 11) as u64);
                let alarms = alarms.map(|terms| alarms::terms::Alarms { ground, terms });
                let cloud_map =
                    Some(terms).filter(|_| terms < 8 && names.is_none() && tags.is_none() && alarms.is_none());
                let mode = Mode::Enforce;
                let version = Version { policy, terms, mode, flaw, names, tags, alarms, cloud_map, observes };
                let configuration = (READING.configuration)(&version.configuration());
                let acceptance = (READING.acceptance)(&version.acceptance());
                assert_eq!(configuration.is_err(), flaw == Some(Flaw::Configuration), "{configuration:?}");
                assert_eq!(acceptance.is_err(), flaw == Some(Flaw::Policy), "{acceptance:?}");
            }
        }
    }
}
