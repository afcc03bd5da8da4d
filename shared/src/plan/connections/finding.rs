//! What is found about one connection: whether it may be there, by which policy or whose word.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;

use super::{record, standing};
use crate::{
    model::{
        Account, AccountId, AccountState, Approval, Connection, DeploymentId, EndpointService, Known, Membership, Tags,
        tag,
    },
    plan::{Outcome, reason},
    policy::{Determining, Question, Rules, Verdict, alternatives},
};

/// Judges the connections of one service.
pub struct Judge<'a> {
    pub service: &'a EndpointService,
    pub rules: &'a Rules,
    pub owners: &'a BTreeMap<AccountId, Known>,
    pub now: Timestamp,
}

/// What is found, and why.
pub struct Finding {
    pub ruling: Ruling,
    pub reason: Cow<'static, str>,
    pub policies: Vec<String>,
    pub detail: Option<String>,
}

/// Whether a connection may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It is none of ours.
    Exempt,
    /// A policy or a person permits it.
    Permitted,
    /// A policy forbids it.
    Forbidden,
    /// A person refuses it.
    Refused,
    /// A person wants all connections of the service ended.
    Draining,
    /// Nothing permits it.
    NotPermitted,
    /// It can't be told.
    Unclear,
}

impl Finding {
    pub fn new(ruling: Ruling, reason: &'static str) -> Self {
        Self { ruling, reason: reason.into(), policies: Vec::new(), detail: None }
    }

    fn because(self, detail: String) -> Self {
        Self { detail: Some(detail), ..self }
    }

    fn determined(ruling: Ruling, by: Determining, otherwise: &'static str) -> Self {
        let reason = by.reason.map_or(Cow::Borrowed(otherwise), Cow::Owned);
        Self { ruling, reason, policies: by.policies, detail: None }
    }
}

impl Judge<'_> {
    /// Judges a connection of an account that has this many others before it.
    pub fn find(&self, connection: &Connection, before: usize) -> Finding {
        if let Some(reason) = exemption(connection, &self.rules.configuration.deployment) {
            return Finding::new(Ruling::Exempt, reason);
        }
        let approval = Approval::read(&connection.tags);
        if approval == Some(Approval::Refused) {
            return Finding::new(Ruling::Refused, reason::REFUSED);
        }
        if tag::is_draining(&self.service.tags) {
            return Finding::new(Ruling::Draining, reason::DRAINING);
        }
        let unclear = |why: &str| Finding::new(Ruling::Unclear, reason::MEMBERSHIP_UNKNOWN).because(why.to_owned());
        let member = match self.owners.get(&connection.owner).map(|known| &known.membership) {
            Some(Membership::Member(account)) => Some(account),
            Some(Membership::Outside) => None,
            Some(Membership::Unknown { why }) => return unclear(why),
            None => return unclear("the account was not looked up"),
        };
        let inactive = member.filter(|account| account.state != AccountState::Active);
        match self.rules.acceptance.judge(&self.question(connection, member, before)) {
            Verdict::Forbidden(by) => Finding::determined(Ruling::Forbidden, by, reason::FORBIDDEN),
            Verdict::Failed { why } => Finding::new(Ruling::Unclear, reason::POLICY_ERROR).because(why),
            Verdict::Permitted(_) | Verdict::NoMatch if let Some(account) = inactive => not_active(account),
            Verdict::Permitted(by) => Finding::determined(Ruling::Permitted, by, reason::PERMITTED),
            Verdict::NoMatch if approval == Some(Approval::Approved) => {
                Finding::new(Ruling::Permitted, reason::APPROVED)
            }
            Verdict::NoMatch => Finding::new(Ruling::NotPermitted, not_permitted(connection, member)),
        }
    }

    fn question<'q>(&'q self, connection: &'q Connection, member: Option<&'q Account>, before: usize) -> Question<'q> {
        Question {
            service: self.service,
            owner: &connection.owner,
            member,
            connection: Some(connection),
            connections: before,
            now: self.now,
        }
    }

    /// What a finding rests on, for a person.
    pub fn facts(&self, connection: &Connection, before: usize) -> BTreeMap<&'static str, String> {
        let mut facts = BTreeMap::new();
        if let Some(known) = self.owners.get(&connection.owner) {
            let account = match &known.membership {
                Membership::Member(account) => standing(account),
                Membership::Outside => "outside the Organization".to_owned(),
                Membership::Unknown { .. } => "unknown".to_owned(),
            };
            facts.insert("account", account);
            facts.insert("account_read_at", record::time(known.at));
        }
        facts.extend(connection.created.map(|created| ("requested_at", record::time(created))));
        facts.extend(connection.region.as_ref().map(|region| ("endpoint_region", region.to_string())));
        facts.extend(connection.ip_address_type.as_ref().map(|kind| ("ip_address_type", kind.clone())));
        let mentions = self.rules.acceptance.mentions();
        if mentions.connections() {
            facts.insert("connections_before", before.to_string());
        }
        let member = self.owners.get(&connection.owner).and_then(|known| match &known.membership {
            Membership::Member(account) => Some(account),
            _ => None,
        });
        let account_tags =
            member.map(|account| spoken_of(&mentions.tags_of_account, &account.tags)).unwrap_or_default();
        let service_tags = spoken_of(&mentions.tags_of_service, &self.service.tags);
        let tags = [("account_tags", account_tags), ("service_tags", service_tags)];
        facts.extend(tags.into_iter().filter(|(_, tags)| !tags.is_empty()));
        facts
    }

    /// What would turn the finding, each as a sentence. Of one that ends it is told what a new request would need: a person's
    /// word on this one would come too late.
    pub fn remedies(&self, connection: &Connection, before: usize, ends: bool) -> Vec<String> {
        if Approval::read(&connection.tags) == Some(Approval::Refused) {
            return if ends { Vec::new() } else { vec![format!("the connection loses the tag {}", tag::APPROVAL)] };
        }
        if tag::is_draining(&self.service.tags) {
            return vec![format!("the endpoint service loses the tag {}", tag::DRAIN)];
        }
        let member = match self.owners.get(&connection.owner).map(|known| &known.membership) {
            Some(Membership::Member(account)) => Some(account),
            Some(Membership::Outside) => None,
            Some(Membership::Unknown { .. }) | None => {
                return vec!["AWS Organizations answers for the account".to_owned()];
            }
        };
        if let Some(account) = member.filter(|account| account.state != AccountState::Active) {
            return vec![format!("the account, now {}, is ACTIVE again", account.state)];
        }
        let question = self.question(connection, member, before);
        let organization = &self.rules.configuration.organization;
        let verdict = self.rules.acceptance.judge(&question);
        if let Verdict::Failed { .. } = verdict {
            return vec!["the policy that failed is mended".to_owned()];
        }
        let mut remedies: Vec<String> = alternatives(&self.rules.acceptance, &question, organization)
            .into_iter()
            .map(|(changes, verdict)| {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                format!("{}: then {verdict}", changes.join(", and "))
            })
            .collect();
        if !ends && verdict == Verdict::NoMatch {
            let (tag, word) = (tag::APPROVAL, Approval::Approved.as_str());
            if Approval::read(&connection.tags).is_some() {
                return vec![format!("the connection loses the tag {tag}: then nothing permits it")];
            }
            remedies.push(format!(
                "a person approves it: drawbridge approve {}, or the tag {tag}={word} on the connection",
                connection.endpoint
            ));
        }
        remedies
    }

    /// The record of a decision: what, why, by which policy, when.
    pub fn record(&self, connection: &Connection, outcome: Outcome, finding: &Finding) -> Tags {
        let known = self.owners.get(&connection.owner).map(|known| &known.membership);
        let mut record = record::of(&self.rules.configuration.deployment, outcome, finding, known, self.now);
        if connection.tags.contains_key(tag::REVOKE_AFTER) {
            record.extend(record::no_grace());
        }
        record
    }

    /// The record that a connection is to be cut off, beside the one of the decision that let it in.
    pub fn grace(&self, end: Timestamp, reason: &str) -> Tags {
        let mut record = record::owned(&self.rules.configuration.deployment);
        record.insert(tag::REVOKE_AFTER.to_owned(), record::time(end));
        record.insert(tag::REVOKE_REASON.to_owned(), reason.to_owned());
        record
    }

    /// The record that it isn't any more.
    pub fn no_grace(&self) -> Tags {
        let mut record = record::owned(&self.rules.configuration.deployment);
        record.extend(record::no_grace());
        record
    }
}

/// The tags that the policies compare, as they are.
fn spoken_of(mentioned: &BTreeSet<(String, String)>, tags: &Tags) -> String {
    let keys: BTreeSet<&String> = mentioned.iter().map(|(key, _)| key).collect();
    let tags = keys.into_iter().filter_map(|key| Some(format!("{key}={}", tags.get(key)?)));
    tags.collect::<Vec<_>>().join(" ")
}

/// Why a connection is none of ours, if it is none.
pub fn exemption(connection: &Connection, deployment: &DeploymentId) -> Option<&'static str> {
    if tag::is_ignored(&connection.tags) {
        return Some(reason::EXEMPT);
    }
    let owner = connection.tags.get(tag::OWNER)?;
    (owner != deployment.as_str()).then_some(reason::NOT_OWNED)
}

fn not_active(account: &Account) -> Finding {
    Finding::new(Ruling::NotPermitted, inactive(account.state)).because(format!("the account is {}", account.state))
}

/// Why a member of this state may not connect.
pub fn inactive(state: AccountState) -> &'static str {
    match state {
        AccountState::Suspended => reason::ACCOUNT_SUSPENDED,
        AccountState::PendingClosure | AccountState::Closed => reason::ACCOUNT_CLOSED,
        AccountState::PendingActivation | AccountState::Active => reason::ACCOUNT_NOT_ACTIVE,
    }
}

fn not_permitted(connection: &Connection, member: Option<&Account>) -> &'static str {
    match member {
        Some(_) => reason::NO_PERMIT,
        None if record::says_member(connection) => reason::LEFT_ORGANIZATION,
        None => reason::OUTSIDE_ORGANIZATION,
    }
}
