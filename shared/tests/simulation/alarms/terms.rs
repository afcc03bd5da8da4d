//! Which alarms and dashboards are kept: the part of `drawbridge.yaml` that concerns them.

use super::profile::{Grade, PROFILES, Profile};
use crate::{cast::HUB, random::Random};

/// Where a story's alarms stand and whose endpoints get some: that stays so while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// In each account its own.
    Member,
    /// All in the hub, which has endpoints itself.
    Hub,
    /// All in the hub, which has none.
    HubAlone,
}

impl Ground {
    pub fn of(seed: u64) -> Self {
        [Self::Member, Self::Hub, Self::HubAlone][usize::try_from(seed / 11 % 3).unwrap_or_default()]
    }

    /// Accounts whose endpoints are looked after.
    pub fn consumers(self) -> &'static [&'static str] {
        if self == Self::HubAlone { &["444444444444", "555555555555"] } else { &[HUB, "444444444444", "555555555555"] }
    }

    /// The account that has the alarms of another.
    pub fn home(self, account: &str) -> &str {
        if self == Self::Member { account } else { HUB }
    }
}

#[derive(Debug)]
pub struct Terms {
    pub endpoints: &'static str,
    /// Whether every endpoint gets alarms, and not only those that are tagged.
    pub every: bool,
    pub services: &'static str,
    pub composites: bool,
    pub dashboards: bool,
    /// Who is told of something.
    pub told: &'static [Grade],
    /// Profiles that are switched off.
    pub off: &'static [&'static str],
    /// The threshold of dropped packets.
    pub dropped: f64,
    pub most: usize,
}

const USUAL: Terms = Terms {
    endpoints: "each",
    every: true,
    services: "each",
    composites: true,
    dashboards: true,
    told: &[Grade::Critical, Grade::Warning, Grade::Info],
    off: &[],
    dropped: 10.0,
    most: 100,
};

pub const TERMS: [Terms; 12] = [
    USUAL,
    USUAL,
    Terms { every: false, ..USUAL },
    Terms { dropped: 3.0, off: &["resets-received", "endpoints-drop"], ..USUAL },
    Terms { endpoints: "fleet", ..USUAL },
    Terms { endpoints: "fleet", told: &[Grade::Critical], ..USUAL },
    Terms { endpoints: "remove", ..USUAL },
    Terms { services: "remove", ..USUAL },
    Terms { composites: false, dashboards: false, ..USUAL },
    Terms { told: &[Grade::Critical], ..USUAL },
    Terms { most: 3, ..USUAL },
    Terms { endpoints: "none", services: "none", ..USUAL },
];

/// What is done about alarms.
#[derive(Debug, Clone, Copy)]
pub struct Alarms {
    pub ground: Ground,
    pub terms: &'static Terms,
}

/// The topic that is told of something.
pub fn topic(grade: Grade) -> &'static str {
    match grade {
        Grade::Critical => "arn:aws:sns:eu-west-1:222222222222:critical",
        Grade::Warning => "arn:aws:sns:eu-west-1:222222222222:warning",
        Grade::Info => "arn:aws:sns:eu-west-1:222222222222:info",
    }
}

impl Alarms {
    pub fn draw(ground: Ground, random: &Random) -> Self {
        Self { ground, terms: random.pick(&TERMS) }
    }

    /// The profiles that are made.
    pub fn profiles(&self) -> impl Iterator<Item = &'static Profile> {
        let off = self.terms.off;
        PROFILES.iter().filter(move |profile| !off.contains(&profile.name))
    }

    pub fn threshold(&self, profile: &Profile) -> f64 {
        if profile.name == "packets-dropped" { self.terms.dropped } else { profile.threshold }
    }

    /// Its part of the document, with a comma before it.
    pub fn text(&self) -> String {
        let Terms { endpoints, every, services, composites, dashboards, told, off, dropped, most } = self.terms;
        let topics = |grade: &Grade| format!("{}: ['{}']", format!("{grade:?}").to_lowercase(), topic(*grade));
        let topics: Vec<String> = told.iter().map(topics).collect();
        let off: Vec<String> = off.iter().map(|profile| format!(", {profile}: {{enabled: false}}")).collect();
        format!(
            ", consumers: {{accounts: ['{}']}}, alarms: {{endpoints: {endpoints}, select: {}, services: {services}, in: {},
               composites: {composites}, dashboards: {dashboards}, topics: {{{}}}, most-removals: {most},
               profiles: {{packets-dropped: {{threshold: {dropped}}}{}}}}}",
            self.ground.consumers().join("', '"),
            if *every { "every" } else { "tagged" },
            if self.ground == Ground::Member { "member" } else { "hub" },
            topics.join(", "),
            off.concat()
        )
    }
}
