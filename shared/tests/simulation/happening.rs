//! What happens in the world, without us: consumers ask, people change things by hand, accounts come and go.

mod connection;

use std::time::Duration;

use drawbridge::{
    model::{AccountId, AccountState, Membership, Principal, ServiceKey, Tags},
    world::State,
};

use self::connection::{by_hand, request, tag_connection};
use super::{
    alarms, body,
    cast::{CONSUMERS, ENABLED, SERVICES, consumer, member, service},
    cloud_map, dns,
    random::Random,
    stage::Stage,
    tags,
    version::Version,
};

/// A tag, and its value; without one it is removed.
pub type Tag = (&'static str, Option<&'static str>);

/// Something that happens. What a number stands for is told when it does: the connections there are by then.
#[derive(Debug, Clone, Copy)]
pub enum Happening {
    /// A consumer makes an endpoint.
    Request {
        service: usize,
        account: usize,
        bare: bool,
    },
    /// A person answers, or a consumer deletes its endpoint.
    ByHand {
        nth: usize,
        what: Hand,
    },
    /// A person tags a connection; without a value the tag is removed.
    Tag {
        nth: usize,
        tag: Tag,
    },
    /// A provider tags its service.
    ServiceTag {
        service: usize,
        tag: Tag,
    },
    /// A provider switches acceptance on or off.
    Acceptance {
        service: usize,
        required: bool,
    },
    /// A provider opens its service to everybody, or doesn't any more.
    Everybody {
        service: usize,
        allowed: bool,
    },
    /// A provider adds an account as principal, or removes it.
    PrincipalByHand {
        service: usize,
        account: usize,
        allowed: bool,
    },
    /// An account joins, or moves within the Organization.
    Moves {
        account: usize,
        unit: usize,
    },
    Leaves {
        account: usize,
    },
    /// An account leaves, and asks in the same moment.
    AsksLeaving {
        service: usize,
        account: usize,
    },
    /// All members leave at once.
    Exodus,
    State {
        account: usize,
        state: AccountState,
    },
    /// An account is tagged in AWS Organizations.
    AccountTag {
        account: usize,
        tagged: bool,
    },
    /// AWS Organizations doesn't tell a member from a stranger any more.
    Unknown {
        account: usize,
    },
    /// A unit is made.
    Unit,
    /// A new version of the documents.
    Documents(Version),
    /// Lambda replaces all environments that are idle.
    Replaced,
    /// Something about names.
    Names(dns::happening::Happening),
    /// Something about tags.
    Tags(tags::happening::Happening),
    /// Something about alarms.
    Alarms(alarms::happening::Happening),
    /// Something about Cloud Map.
    CloudMap(cloud_map::happening::Happening),
}

/// What is done by hand.
#[derive(Debug, Clone, Copy)]
pub enum Hand {
    Accepts,
    Rejects,
    Deletes,
}

const TAGS: [Tag; 11] = [
    ("drawbridge:approval", Some("approved")),
    ("drawbridge:approval", Some("Refused")),
    ("drawbridge:approval", None),
    ("drawbridge:ignore", Some("true")),
    ("drawbridge:ignore", None),
    ("drawbridge:owner", Some("another")),
    ("drawbridge:revoke-after", Some("soon")),
    ("drawbridge:revoke-after", None),
    ("drawbridge:decision", Some("accept")),
    ("drawbridge:decision", None),
    ("team", Some("orders")),
];

const SERVICE_TAGS: [Tag; 8] = [
    ("drawbridge:drain", Some("true")),
    ("drawbridge:drain", None),
    ("drawbridge:ignore", Some("true")),
    ("drawbridge:ignore", None),
    (ENABLED.0, Some(ENABLED.1)),
    (ENABLED.0, None),
    ("tier", Some("gold")),
    ("tier", None),
];

impl Happening {
    pub fn draw(random: &Random) -> Self {
        let (service, account, nth) = (random.index(SERVICES.len()), random.index(5), random.index(64));
        let flag = random.chance(500);
        match random.below(100) {
            0..30 => Self::Request { service, account, bare: random.chance(50) },
            30..38 => {
                Self::ByHand { nth, what: *random.pick(&[Hand::Accepts, Hand::Accepts, Hand::Rejects, Hand::Deletes]) }
            }
            38..48 => Self::Tag { nth, tag: *random.pick(&TAGS) },
            48..54 => Self::ServiceTag { service, tag: *random.pick(&SERVICE_TAGS) },
            54..56 => Self::Acceptance { service, required: flag },
            56..58 => Self::Everybody { service, allowed: flag },
            58..60 => Self::PrincipalByHand { service, account, allowed: flag },
            60..70 => Self::Moves { account, unit: random.index(3) },
            70..74 => Self::Leaves { account },
            74..76 => Self::AsksLeaving { service, account },
            76..78 => Self::Exodus,
            78..82 => Self::State {
                account,
                state: *random.pick(&[
                    AccountState::Active,
                    AccountState::Active,
                    AccountState::Suspended,
                    AccountState::PendingClosure,
                    AccountState::Closed,
                    AccountState::PendingActivation,
                ]),
            },
            82..86 => Self::AccountTag { account, tagged: flag },
            86..88 => Self::Unknown { account },
            88..89 => Self::Unit,
            89..97 => Self::Documents(Version::draw(random)),
            _ => Self::Replaced,
        }
    }

    /// What happens where names are played.
    pub fn draw_with_names(random: &Random) -> Self {
        if random.chance(600) {
            return Self::Names(dns::happening::Happening::draw(random));
        }
        match Self::draw(random) {
            Self::Documents(version) => Self::Documents(version.with_names(random)),
            other => other,
        }
    }

    /// What happens where tags are played.
    pub fn draw_with_tags(random: &Random) -> Self {
        if random.chance(600) {
            return Self::Tags(tags::happening::Happening::draw(random));
        }
        match Self::draw(random) {
            Self::Documents(version) => Self::Documents(version.with_tags(random)),
            other => other,
        }
    }

    /// What happens where alarms are played.
    pub fn draw_with_alarms(ground: alarms::terms::Ground, random: &Random) -> Self {
        if random.chance(600) {
            return Self::Alarms(alarms::happening::Happening::draw(random));
        }
        match Self::draw(random) {
            Self::Documents(version) => Self::Documents(version.with_alarms(ground, random)),
            other => other,
        }
    }

    /// What happens where Cloud Map is played.
    pub fn draw_with_cloud_map(random: &Random) -> Self {
        if random.chance(600) {
            return Self::CloudMap(cloud_map::happening::Happening::draw(random));
        }
        match Self::draw(random) {
            Self::Documents(version) => Self::Documents(version.with_cloud_map(random)),
            other => other,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Names(happening) => happening.name(),
            Self::Tags(happening) => happening.name(),
            Self::Alarms(happening) => happening.name(),
            Self::CloudMap(happening) => happening.name(),
            Self::Request { .. } => "happening: request",
            Self::ByHand { .. } => "happening: answered or deleted by hand",
            Self::Tag { .. } => "happening: connection tagged",
            Self::ServiceTag { .. } => "happening: service tagged",
            Self::Acceptance { .. } => "happening: acceptance switched",
            Self::Everybody { .. } | Self::PrincipalByHand { .. } => "happening: principal changed",
            Self::Moves { .. } => "happening: account joins or moves",
            Self::Leaves { .. } => "happening: account leaves",
            Self::AsksLeaving { .. } => "happening: account leaves and asks",
            Self::Exodus => "happening: all members leave",
            Self::State { .. } => "happening: account's state changes",
            Self::AccountTag { .. } => "happening: account tagged",
            Self::Unknown { .. } => "happening: account can't be told about",
            Self::Unit => "happening: unit made",
            Self::Documents(_) => "happening: new documents",
            Self::Replaced => "happening: environments replaced",
        }
    }

    /// How long nothing happened before it.
    pub fn gap(random: &Random) -> Duration {
        Duration::from_millis(match random.below(10) {
            0..4 => random.below(2_000),
            4..7 => random.below(60_000),
            7..9 => random.below(600_000),
            _ => random.below(2_400_000),
        })
    }

    /// Lets it happen, and tells those who hear of such things.
    pub fn happen(self, stage: &Stage) {
        match self {
            Self::Request { service: index, account, bare } => {
                request(stage, &service(index), &consumer(account), bare);
            }
            Self::ByHand { nth, what } => by_hand(stage, nth, what),
            Self::Tag { nth, tag } => tag_connection(stage, nth, tag),
            Self::ServiceTag { service: index, tag } => {
                let key = service(index);
                stage
                    .tell(|| format!("the provider tags {}: {} {}", key.service, tag.0, tag.1.unwrap_or("is removed")));
                with_service(stage, &key, |state, key| set(&mut state.services.get_mut(key).unwrap().0.tags, tag));
                stage.send(&body::service_changed(&key, "tag_change_of_service"));
            }
            Self::Acceptance { service: index, required } => {
                let key = service(index);
                stage.tell(|| format!("the provider of {} sets acceptance required to {required}", key.service));
                with_service(stage, &key, |state, key| {
                    state.services.get_mut(key).unwrap().0.acceptance_required = required;
                });
                stage.send(&body::service_changed(&key, "modify_service"));
            }
            Self::Everybody { service: index, allowed } => principal(stage, index, Principal::Everybody, allowed),
            Self::PrincipalByHand { service: index, account, allowed } => {
                principal(stage, index, Principal::Account(consumer(account)), allowed);
            }
            Self::Documents(version) => stage.publish(version),
            Self::Replaced => stage.tell(|| "Lambda replaces its idle environments".to_owned()),
            Self::Names(happening) => happening.happen(stage),
            Self::Tags(happening) => happening.happen(stage),
            Self::Alarms(happening) => happening.happen(stage),
            Self::CloudMap(happening) => happening.happen(stage),
            Self::AsksLeaving { service, account } => {
                Self::Leaves { account }.happen(stage);
                Self::Request { service, account, bare: false }.happen(stage);
            }
            Self::Exodus => (0..CONSUMERS.len()).for_each(|account| Self::Leaves { account }.happen(stage)),
            Self::Moves { .. }
            | Self::Leaves { .. }
            | Self::State { .. }
            | Self::AccountTag { .. }
            | Self::Unknown { .. }
            | Self::Unit => {
                self.happen_in_organization(stage);
            }
        }
    }

    fn happen_in_organization(self, stage: &Stage) {
        match self {
            Self::Moves { account, unit } => moves(stage, &consumer(account), unit),
            Self::Leaves { account } => {
                let id = consumer(account);
                stage.tell(|| format!("{id} leaves the Organization"));
                if stage.world.change().accounts.remove(&id).is_some() {
                    let told = *stage.random.pick(&["account_left", "account_removed", "account_departed"]);
                    stage.send(&body::account_changed(&id, told));
                }
            }
            Self::State { account, state } => {
                let id = consumer(account);
                stage.tell(|| format!("{id} becomes {state}, if it is a member"));
                if let Some(Membership::Member(member)) = stage.world.change().accounts.get_mut(&id) {
                    member.state = state;
                }
                stage.send(&body::account_changed(&id, "account_closed"));
            }
            Self::AccountTag { account, tagged } => {
                let id = consumer(account);
                stage.tell(|| format!("{id} is tagged stage={}", if tagged { "production" } else { "test" }));
                if let Some(Membership::Member(member)) = stage.world.change().accounts.get_mut(&id) {
                    let value = if tagged { "production" } else { "test" };
                    member.tags.insert("stage".to_owned(), value.to_owned());
                }
                stage.send(&body::account_changed(&id, "account_tagged"));
            }
            Self::Unknown { account } => {
                let id = consumer(account);
                stage.tell(|| format!("AWS Organizations garbles what it says of {id}"));
                let unknown = Membership::Unknown { why: "no State that is known".to_owned() };
                stage.world.change().accounts.insert(id, unknown);
            }
            _ => {
                stage.tell(|| "a unit is made".to_owned());
                stage.send(&body::unit_changed());
            }
        }
    }
}

fn moves(stage: &Stage, id: &AccountId, unit: usize) {
    stage.tell(|| format!("{id} joins, or moves to, unit {unit}"));
    let mut state = stage.world.change();
    let before = state.accounts.get(id).cloned();
    let mut now = member(id, unit, AccountState::Active);
    if let (Membership::Member(now), Some(Membership::Member(before))) = (&mut now, &before) {
        (now.tags, now.state, now.name) = (before.tags.clone(), before.state, before.name.clone());
    }
    state.accounts.insert(id.clone(), now);
    drop(state);
    let told = if before.is_some() {
        "account_moved"
    } else {
        *stage.random.pick(&["account_joined", "invitation_accepted", "account_created"])
    };
    stage.send(&body::account_changed(id, told));
}

fn principal(stage: &Stage, index: usize, principal: Principal, allowed: bool) {
    let key = service(index);
    let what = if allowed { "an allowed principal" } else { "no allowed principal" };
    stage.tell(|| format!("by hand: {principal:?} is {what} of {}", key.service));
    let mut state = stage.world.change();
    let principals = state.principals.entry(key.clone()).or_default();
    if allowed {
        principals.insert(principal);
    } else {
        principals.remove(&principal);
    }
    drop(state);
    stage.send(&body::service_changed(&key, "modify_permissions_added"));
}

fn with_service(stage: &Stage, key: &ServiceKey, change: impl FnOnce(&mut State, &ServiceKey)) {
    change(&mut stage.world.change(), key);
}

/// Sets a tag, or removes it.
pub fn set(tags: &mut Tags, (key, value): Tag) {
    match value {
        Some(value) => tags.insert(key.to_owned(), value.to_owned()),
        None => tags.remove(key),
    };
}
