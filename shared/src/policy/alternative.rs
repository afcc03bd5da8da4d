//! What would change a verdict: each change that the policies speak of is tried, and told only when it makes a difference.

use std::fmt;

use super::{Acceptance, Question, Verdict};
use crate::model::{Account, AccountState, Connection, EndpointService, OrganizationId, OrganizationPath, ParentId};

/// Most changes that are tried one by one; a policy of thousands of names must not cost thousands of evaluations each time.
const TRIED_ALONE: usize = 64;
/// Most changes that are tried two at a time, when none alone makes a difference.
const TRIED_IN_PAIRS: usize = 16;

/// Something that could be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alternative {
    /// The account becomes an active member.
    Joins(OrganizationId),
    /// The account is no member any more.
    Leaves,
    /// The account is moved.
    MovesTo(ParentId),
    /// The endpoint service is tagged.
    ServiceTag(String, String),
    /// The endpoint service loses a tag.
    NoServiceTag(String),
    /// The account is tagged in AWS Organizations.
    AccountTag(String, String),
    /// The account loses a tag in AWS Organizations.
    NoAccountTag(String),
    /// The account has no other connection to the service.
    NoOtherConnection,
    /// The endpoint is in the service's own Region.
    HomeRegion,
}

impl fmt::Display for Alternative {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joins(organization) => write!(formatter, "the account joins {organization}"),
            Self::Leaves => formatter.write_str("the account leaves the Organization"),
            Self::MovesTo(parent) => write!(formatter, "the account moves to {parent}"),
            Self::ServiceTag(key, value) => write!(formatter, "the endpoint service is tagged {key}={value}"),
            Self::NoServiceTag(key) => write!(formatter, "the endpoint service loses the tag {key}"),
            Self::AccountTag(key, value) => {
                write!(formatter, "the account is tagged {key}={value} in AWS Organizations")
            }
            Self::NoAccountTag(key) => write!(formatter, "the account loses the tag {key} in AWS Organizations"),
            Self::NoOtherConnection => formatter.write_str("the account deletes its other connections to the service"),
            Self::HomeRegion => formatter.write_str("the endpoint is made in the service's own Region"),
        }
    }
}

/// Changes that would turn the verdict, each with what it would turn it into. Pairs of changes are joined.
#[must_use]
pub fn alternatives(
    acceptance: &Acceptance,
    question: &Question<'_>,
    organization: &OrganizationId,
) -> Vec<(Vec<Alternative>, Verdict)> {
    let now = Answer::of(&acceptance.judge(question), question.member);
    let candidates = candidates(acceptance, question, organization);
    let turned = |changes: &[&Alternative]| {
        let facts = changes.iter().fold(Facts::of(question), |facts, change| facts.with(change));
        let verdict = acceptance.judge(&facts.question(question));
        let answer = Answer::of(&verdict, facts.member.as_ref());
        // One way only: away from a permit, or towards one. From "nothing matches" to "forbidden" helps nobody.
        let tells = answer != now && (answer == Answer::Yes || now == Answer::Yes);
        tells.then(|| (changes.iter().map(|change| (*change).clone()).collect(), verdict))
    };
    let alone: Vec<_> = candidates.iter().take(TRIED_ALONE).filter_map(|change| turned(&[change])).collect();
    if !alone.is_empty() || now == Answer::Yes {
        return alone;
    }
    let few: Vec<_> = candidates.iter().take(TRIED_IN_PAIRS).collect();
    let pairs = few.iter().enumerate().flat_map(|(index, one)| few.iter().skip(index + 1).map(move |two| [*one, *two]));
    pairs.filter_map(|pair| turned(&pair)).collect()
}

/// What a verdict means for the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Forbidden,
}

impl Answer {
    fn of(verdict: &Verdict, member: Option<&Account>) -> Self {
        match verdict {
            Verdict::Forbidden(_) => Self::Forbidden,
            Verdict::Permitted(_) if member.is_none_or(|member| member.state == AccountState::Active) => Self::Yes,
            Verdict::Permitted(_) | Verdict::NoMatch | Verdict::Failed { .. } => Self::No,
        }
    }
}

/// The changes that the policies speak of, and that are none yet.
fn candidates(acceptance: &Acceptance, question: &Question<'_>, organization: &OrganizationId) -> Vec<Alternative> {
    let mentions = acceptance.mentions();
    let service_tags = &question.service.tags;
    let mut candidates = Vec::new();
    match question.member {
        None => candidates.push(Alternative::Joins(organization.clone())),
        Some(member) => {
            candidates.push(Alternative::Leaves);
            // A unit, not a root: an account that leaves its unit goes there by itself.
            let elsewhere = mentions.parents.iter().filter(|parent| !member.path.parents.contains(parent));
            candidates.extend(elsewhere.cloned().map(Alternative::MovesTo));
            let root = member.path.parents.first().filter(|_| member.path.parents.len() > 1);
            candidates.extend(root.cloned().map(Alternative::MovesTo));
        }
    }
    for (key, value) in &mentions.tags_of_service {
        match service_tags.get(key) {
            Some(tagged) if tagged == value => candidates.push(Alternative::NoServiceTag(key.clone())),
            _ => candidates.push(Alternative::ServiceTag(key.clone(), value.clone())),
        }
    }
    for (key, value) in &mentions.tags_of_account {
        match question.member.and_then(|member| member.tags.get(key)) {
            Some(tagged) if tagged == value => candidates.push(Alternative::NoAccountTag(key.clone())),
            _ => candidates.push(Alternative::AccountTag(key.clone(), value.clone())),
        }
    }
    if mentions.connections() && question.connections > 0 {
        candidates.push(Alternative::NoOtherConnection);
    }
    let home = &question.service.key.region;
    if question.connection.is_some_and(|connection| connection.region.as_ref().is_some_and(|region| region != home)) {
        candidates.push(Alternative::HomeRegion);
    }
    candidates
}

/// A question's facts, to be changed.
struct Facts {
    service: EndpointService,
    member: Option<Account>,
    connection: Option<Connection>,
    connections: usize,
    owner: crate::model::AccountId,
}

impl Facts {
    fn of(question: &Question<'_>) -> Self {
        Self {
            service: question.service.clone(),
            member: question.member.cloned(),
            connection: question.connection.cloned(),
            connections: question.connections,
            owner: question.owner.clone(),
        }
    }

    fn question<'a>(&'a self, question: &Question<'a>) -> Question<'a> {
        Question {
            service: &self.service,
            owner: &self.owner,
            member: self.member.as_ref(),
            connection: self.connection.as_ref(),
            connections: self.connections,
            now: question.now,
        }
    }

    fn with(mut self, change: &Alternative) -> Self {
        match change {
            Alternative::Joins(organization) => {
                self.member = Some(Account {
                    id: self.owner.clone(),
                    state: AccountState::Active,
                    path: OrganizationPath { organization: organization.clone(), parents: Vec::new() },
                    name: None,
                    email_domain: None,
                    joined: None,
                    tags: crate::model::Tags::new(),
                });
            }
            Alternative::Leaves => self.member = None,
            Alternative::MovesTo(parent) => {
                if let Some(member) = &mut self.member {
                    // What is above the unit is not known; it is in the same tree.
                    member.path.parents.truncate(1);
                    if !member.path.parents.contains(parent) {
                        member.path.parents.push(parent.clone());
                    }
                }
            }
            Alternative::ServiceTag(key, value) => {
                self.service.tags.insert(key.clone(), value.clone());
            }
            Alternative::NoServiceTag(key) => {
                self.service.tags.remove(key);
            }
            Alternative::AccountTag(key, value) => {
                if let Some(member) = &mut self.member {
                    member.tags.insert(key.clone(), value.clone());
                }
            }
            Alternative::NoAccountTag(key) => {
                if let Some(member) = &mut self.member {
                    member.tags.remove(key);
                }
            }
            Alternative::NoOtherConnection => self.connections = 0,
            Alternative::HomeRegion => {
                if let Some(connection) = &mut self.connection {
                    connection.region = Some(self.service.key.region.clone());
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
