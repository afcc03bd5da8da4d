//! What everybody in a story shares: the world, the time, the documents, what goes wrong, and what is told of it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fmt,
    rc::Rc,
    time::Duration,
};

use drawbridge::{
    model::{AccountId, VpcReference, ZoneKey},
    policy::Mode,
    world::World,
};
use jiff::Timestamp;

use super::{
    agenda::{Agenda, Entry},
    body::Letter,
    cloud_map,
    functions::{FUNCTIONS, Function},
    random::Random,
    tags::ledger::Ledger,
    trouble::Trouble,
    version::{Flaw, Version},
};

/// For how long it is remembered how things were: the longest memory of a function, its longest run, and something over.
const REMEMBERED: Duration = Duration::from_mins(15);

pub struct Stage {
    pub world: World,
    pub agenda: Agenda,
    pub trouble: Trouble,
    pub random: Random,
    /// Versions of the documents, the newest last, each with the time from which on it is served.
    pub versions: RefCell<Vec<(Timestamp, Version)>>,
    told: Option<RefCell<Vec<String>>>,
    violation: RefCell<Option<Violation>>,
    tally: RefCell<Tally>,
    /// Writes to AWS since this was last asked.
    pub writes: Cell<usize>,
    first: Version,
    /// What the simulation knows of tags.
    pub ledger: Ledger,
    /// Accounts in which our role may do nothing about names, tags, alarms or Cloud Map.
    pub denied: RefCell<BTreeSet<AccountId>>,
    /// Authorizations of VPCs that we made and didn't take back.
    pub opened: RefCell<BTreeSet<(ZoneKey, VpcReference)>>,
}

/// How often something has happened.
pub type Tally = BTreeMap<&'static str, u64>;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub of: Invariant,
    /// What happened.
    pub words: String,
}

/// What has to hold, each with the mutant that shows that it is looked after (`mutant.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// No connection is accepted whose owner nothing permitted at any time in which its facts may have been read.
    OnlyThePermittedAreAccepted,
    /// No request is rejected that nothing forbade.
    OnlyTheForbiddenAreRejected,
    /// Nothing is cut off that was permitted for longer than facts may be old.
    ThePermittedAreNotCutOff,
    /// Nothing is cut off before its grace has ended.
    GraceIsGranted,
    /// No run takes away more than it may.
    LimitsAreKept,
    /// What is exempt, another deployment's or not selected is not touched, and of ours only our own tags.
    ForeignThingsAreUntouched,
    /// Allowed principals are added and removed only where that is wanted, and by policy.
    PrincipalsFollowPolicy,
    /// Mode observe writes nothing.
    ObserveWritesNothing,
    /// A minute after mode off nothing is read or written.
    OffStopsAll,
    /// A version of the documents that is unsound or can't be read leaves the last sound one in force, but for a stricter mode.
    TheLastSoundVersionIsInForce,
    /// What failed and may pass comes back.
    WhatMayPassComesBack,
    /// No record, zone, association or registration of somebody else is changed.
    OthersNamesAreUntouched,
    /// What is written of records is registered with them, in the same zone.
    RecordsAreRegistered,
    /// `dns.policy` is obeyed.
    DnsPolicyIsObeyed,
    /// Nothing is written in accounts that aren't listed for it.
    OnlyListedAccountsAreWritten,
    /// No name is published, and no VPC given one, that nobody wanted at any time in which it may have been read.
    OnlyTheWantedIsPublished,
    /// No name, zone or association, alarm or dashboard, instance or target is taken away that was wanted all the time.
    OnlyTheUnwantedIsTakenAway,
    /// Nothing is tried that what stood there all the time can only refuse, or that would hide public names.
    ConflictsAreForetold,
    /// Of an account whose VPCs weren't read none is taken away.
    TheUnreadKeepTheirNames,
    /// A private name is switched on once the connection is there, and never off.
    PrivateNamesWait,
    /// No tag is deleted, and no value of somebody else's replaced where the rules don't say so; what is exempt, another deployment's
    /// or not looked after is left alone.
    OthersTagsAreUntouched,
    /// What is written is marked as ours, and the mark is kept.
    OurTagsAreMarked,
    /// No key is written that no rule names.
    OnlyNamedKeysAreWritten,
    /// No value is written that the rules didn't give at any time in which its facts may have been read.
    OnlyWhatTheRulesSayIsWritten,
    /// Who made something is never written over what we wrote of it.
    TheCreatorIsWrittenOnce,
    /// What a tag policy forbids is not written.
    TagPoliciesAreObeyed,
    /// Nothing is given more tags than AWS takes.
    FiftyTagsAtMost,
    /// No alarm or dashboard of somebody else is changed or deleted, whatever its name.
    OthersAlarmsAreUntouched,
    /// What is made is marked as ours.
    OurAlarmsAreMarked,
    /// No alarm or dashboard is made for what nobody selected at any time in which it may have been read.
    OnlyTheSelectedIsWatched,
    /// A metric is watched with all the dimensions that AWS gives it.
    MetricsHaveAllDimensions,
    /// An alarm over others comes after them.
    CoversFollowTheirAlarms,
    /// An endpoint's alarm is silent only when another tells in its place.
    SomebodyIsTold,
    /// What people switch off stays off.
    WhatIsSwitchedOffStaysOff,
    /// No instance, Cloud Map service, namespace or target of somebody else is changed or taken away.
    OthersInstancesAreUntouched,
    /// What is registered is marked as ours.
    OurInstancesAreMarked,
    /// No instance or target is registered that nobody wanted at any time in which it may have been read.
    OnlyTheWantedIsRegistered,
    /// A target that answers is taken away only while another one, which stays, answers.
    SomethingAnswers,
    /// At rest, what is permitted is connected and what isn't was cut off or is withheld; names, tags, alarms,
    /// instances and targets are as they should be.
    RestIsRight,
    /// At rest, a sweep writes nothing.
    RestIsQuiet,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.of, self.words)
    }
}

impl Stage {
    pub fn new(start: Timestamp, random: Random, trouble: Trouble, first: Version, telling: bool) -> Self {
        let world = World::at(start);
        world.remember(REMEMBERED);
        Self {
            world,
            agenda: Agenda::default(),
            trouble,
            random,
            versions: RefCell::new(vec![(start, first)]),
            told: telling.then(RefCell::default),
            violation: RefCell::default(),
            tally: RefCell::default(),
            writes: Cell::default(),
            first,
            ledger: Ledger::default(),
            denied: RefCell::default(),
            opened: RefCell::default(),
        }
    }

    /// Whether names are played, and `sync-dns` is deployed.
    pub fn plays_names(&self) -> bool {
        self.first.names.is_some()
    }

    /// Whether tags are played, and `tag-resources` is deployed.
    pub fn plays_tags(&self) -> bool {
        self.first.tags.is_some()
    }

    /// Whether alarms are played, and `publish-alarms` is deployed.
    pub fn plays_alarms(&self) -> bool {
        self.first.alarms.is_some()
    }

    /// Whether Cloud Map is played, and `sync-cloud-map` is deployed.
    pub fn plays_cloud_map(&self) -> bool {
        self.first.cloud_map.is_some()
    }

    /// From now on all goes well.
    pub fn end_trouble(&self) {
        self.trouble.end();
        self.denied.borrow_mut().clear();
        if self.plays_cloud_map() {
            cloud_map::rest::mend(self);
        }
    }

    /// Our role in an account may do nothing any more, or something again.
    pub fn deny(&self, account: &str, denied: bool) {
        self.tell(|| format!("our role in {account} may do nothing: {denied}"));
        let account: AccountId = account.parse().unwrap();
        let mut roles = self.denied.borrow_mut();
        if denied {
            roles.insert(account)
        } else {
            roles.remove(&account)
        };
    }

    pub fn now(&self) -> Timestamp {
        drawbridge::port::Clock::now(&&self.world)
    }

    /// Tells what happens, if anybody listens.
    pub fn tell(&self, words: impl FnOnce() -> String) {
        if let Some(told) = &self.told {
            let time = self.now().strftime("%H:%M:%S%.3f");
            told.borrow_mut().push(format!("{time}  {}", words()));
        }
    }

    pub fn story(&self) -> Vec<String> {
        self.told.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Counts that something has happened, by its name.
    pub fn count(&self, what: &'static str) {
        *self.tally.borrow_mut().entry(what).or_default() += 1;
    }

    pub fn tally(&self) -> Tally {
        self.tally.take()
    }

    /// Notes that something is as it must not be. The first one counts.
    pub fn violate(&self, of: Invariant, words: impl FnOnce() -> String) {
        let mut violation = self.violation.borrow_mut();
        if violation.is_none() {
            let words = words();
            self.tell(|| format!("WRONG {of:?}: {words}"));
            *violation = Some(Violation { of, words });
        }
    }

    pub fn violation(&self) -> Option<Violation> {
        self.violation.borrow().clone()
    }

    /// The documents that are served.
    pub fn version(&self) -> Version {
        self.versions.borrow().last().map(|(_, version)| *version).expect("there is a first version")
    }

    /// Since when the documents say `off`, if they do.
    pub fn off_since(&self) -> Option<Timestamp> {
        let versions = self.versions.borrow();
        // A version whose configuration is wrong says nothing.
        let says_off = |version: &Version| version.mode == Mode::Off && version.flaw != Some(Flaw::Configuration);
        versions.iter().rev().take_while(|(_, version)| says_off(version)).last().map(|(since, _)| *since)
    }

    pub fn publish(&self, version: Version) {
        self.tell(|| format!("new documents: {}", version.tell()));
        self.versions.borrow_mut().push((self.now(), version));
    }

    /// Sends a message to the functions that hear of its kind: late, twice, or not at all.
    pub fn send(&self, letter: &Letter) {
        let hears =
            |(_, function): &(usize, &&Function)| (function.is_deployed)(self) && (function.hears)(letter.source);
        for (index, function) in FUNCTIONS.iter().enumerate().filter(hears) {
            let deliveries = self.trouble.deliveries(&self.random);
            if deliveries.is_empty() {
                self.count("message lost");
                self.tell(|| format!("{} is lost on its way to {}", letter.words, function.name));
            }
            if deliveries.len() > 1 {
                self.count("message doubled");
            }
            for delay in deliveries {
                self.agenda.enter(self.now() + delay, Entry::Arrival(index, letter.clone()));
            }
        }
    }
}

/// A time, for a person.
pub fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%S").to_string()
}

pub type Shared = Rc<Stage>;
