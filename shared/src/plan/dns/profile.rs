//! A Route 53 Profile: the VPCs that have it, and the endpoints in it. The zones in it belong to the names that they are
//! made for ([`super::name`]).
//!
//! # Invariants
//! - What isn't marked as ours is never taken away.
//! - Of an account whose VPCs couldn't be read none loses the Profile.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Change, rival::Rival};
use crate::{
    event::{Subject, told},
    model::{
        AccountId, DeploymentId, DomainName, EndpointKey, ProfileAttachment, ProfileContent, ProfileKey, Stage,
        VpcReference, ZoneId,
    },
    plan::{About, Decision, Outcome, Plan, reason},
    policy::Rules,
};

/// Look again at an association that is being ended and is wanted, or the other way round.
pub(super) const SOON: Duration = Duration::from_mins(1);

/// What was read about a Profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// Whether it is shared with other accounts; `None` when it is not there.
    pub shared: Option<bool>,
    /// What is in it.
    pub contents: Vec<ProfileContent>,
    /// The zones that its account has.
    pub zones: BTreeSet<ZoneId>,
    /// The endpoints that are to be in it.
    pub endpoints: BTreeSet<EndpointKey>,
    /// The Profiles that VPCs have.
    pub attachments: Vec<ProfileAttachment>,
    /// The VPCs that are to have this one, each with its account.
    pub vpcs: BTreeMap<VpcReference, AccountId>,
    /// Accounts whose VPCs, or the Profiles of these, could not be read.
    pub unread: BTreeSet<AccountId>,
    /// VPCs without a Profile, as far as they could be read, each with what answers there for names that are in it.
    pub rivals: BTreeMap<VpcReference, Vec<Rival>>,
    /// VPCs in which names can't answer, since they have DNS support or DNS host names switched off.
    pub deaf: BTreeSet<VpcReference>,
}

/// What an association is called that we made: deployment and id, so that each has a name of its own.
#[must_use]
pub fn mark(deployment: &DeploymentId, id: &str) -> String {
    format!("drawbridge-{deployment}-{id}")
}

/// Decides about one Profile.
#[must_use]
pub fn plan(key: &ProfileKey, observed: &Observed, rules: &Rules) -> Plan<Change> {
    let mut planner = Planner { key, observed, rules, plan: Plan::default() };
    if observed.shared.is_none() {
        planner.hold(reason::NOT_POSSIBLE, "there is no such Profile: correct dns.names.profiles".to_owned());
        return planner.plan;
    }
    planner.attach();
    planner.detach();
    planner.include();
    planner.exclude();
    planner.plan
}

struct Planner<'a> {
    key: &'a ProfileKey,
    observed: &'a Observed,
    rules: &'a Rules,
    plan: Plan<Change>,
}

impl Planner<'_> {
    /// Gives the Profile to the VPCs that are to have it.
    fn attach(&mut self) {
        let mut not_shared = BTreeSet::new();
        for (vpc, account) in &self.observed.vpcs {
            let of_the_vpc = self.observed.attachments.iter().filter(|found| found.vpc == *vpc).collect::<Vec<_>>();
            if let Some(found) = of_the_vpc.iter().find(|found| found.profile == self.key.profile) {
                self.look_after(vpc, account, found.stage);
            } else if let Some(other) = of_the_vpc.first() {
                let remedy =
                    format!("{vpc} has the Profile {} already: take it away, or leave the VPC out", other.profile);
                self.hold_vpc(vpc, account, reason::CONFLICT, remedy);
            } else if *account != self.key.account && self.observed.shared == Some(false) {
                not_shared.insert(account);
            } else if self.observed.deaf.contains(vpc) {
                let remedy = format!("switch on enableDnsSupport and enableDnsHostnames of {vpc}");
                self.hold_vpc(vpc, account, reason::DNS_SUPPORT_OFF, remedy);
            } else if let Some(rivals) = self.observed.rivals.get(vpc) {
                // The other names in the Profile answer all the same.
                for rival in rivals {
                    let remedy = format!("{}: {}", rival.name(), rival.describe(vpc));
                    self.hold_vpc(vpc, account, reason::CONFLICT, remedy);
                }
                let mark = mark(&self.rules.configuration.deployment, vpc.vpc.as_str());
                let (profile, account, vpc) = (self.key.clone(), account.clone(), vpc.clone());
                let decision = self.vpc_decision(&vpc, &account, Outcome::Associate, reason::SELECTED);
                let decision = Decision { announce: Some(told::PROFILE_ASSOCIATED), ..decision };
                self.plan.steps.push((Change::Attach { profile, account, vpc, mark }, decision));
            }
        }
        if !not_shared.is_empty() {
            let accounts: Vec<&str> = not_shared.iter().map(|account| account.as_str()).collect();
            let remedy =
                format!("share {} by AWS RAM with {}, or their Organization", self.key.arn(), accounts.join(" "));
            self.hold(reason::NOT_SHARED, remedy);
        }
    }

    /// What is to be said of a VPC that is to have the Profile and has an association with it.
    fn look_after(&mut self, vpc: &VpcReference, account: &AccountId, stage: Stage) {
        match stage {
            Stage::Stands | Stage::Comes => {}
            Stage::Goes => self.again(),
            Stage::Failed => {
                let remedy = format!("the association with {vpc} has failed: delete it, and it is made again");
                self.hold_vpc(vpc, account, reason::NOT_POSSIBLE, remedy);
            }
        }
    }

    /// Takes the Profile from VPCs that got it from us and are not to have it any more.
    fn detach(&mut self) {
        for found in &self.observed.attachments {
            let ours = found.name == mark(&self.rules.configuration.deployment, found.vpc.vpc.as_str());
            let wanted = self.observed.vpcs.contains_key(&found.vpc) || self.observed.unread.contains(&found.account);
            if !ours || wanted || found.profile != self.key.profile || found.stage == Stage::Goes {
                continue;
            }
            let (account, vpc) = (&found.account, &found.vpc);
            if !self.deletes() {
                let remedy = self.by_hand(&format!("take the Profile from {vpc}"));
                self.hold_vpc(vpc, account, reason::POLICY_LEAVES, remedy);
                continue;
            }
            let decision = self.vpc_decision(vpc, account, Outcome::Disassociate, reason::NOT_SELECTED);
            let decision = Decision { announce: Some(told::PROFILE_DISASSOCIATED), ..decision };
            let step = Change::Detach { profile: self.key.clone(), account: account.clone(), vpc: vpc.clone() };
            self.plan.removals.push((step, decision));
        }
    }

    /// Puts endpoints in it, whose private names then lead to them from all its VPCs.
    fn include(&mut self) {
        for endpoint in &self.observed.endpoints {
            let id = endpoint.endpoint.as_str();
            let content =
                self.observed.contents.iter().find(|content| content.endpoint().as_ref() == Some(&endpoint.endpoint));
            match content.map(|content| content.stage) {
                Some(Stage::Stands | Stage::Comes) => {}
                Some(Stage::Goes) => self.again(),
                Some(Stage::Failed) => {
                    let remedy = format!("the association of {id} has failed: delete it, and it is made again");
                    self.hold(reason::NOT_POSSIBLE, remedy);
                }
                None => {
                    let mark = mark(&self.rules.configuration.deployment, id);
                    let step = Change::Include { profile: self.key.clone(), resource: endpoint.arn(), mark };
                    let decision = Decision {
                        detail: Some(format!("{id} in the Profile")),
                        announce: Some(told::NAME_ENABLED),
                        ..self.decision(Outcome::Enable, reason::NAME_WANTED)
                    };
                    self.plan.steps.push((step, decision));
                }
            }
        }
    }

    /// Takes out what we put in and what is gone or not wanted in it any more.
    fn exclude(&mut self) {
        for content in &self.observed.contents {
            let id = match (content.zone(), content.endpoint()) {
                (Some(zone), _) if !self.observed.zones.contains(&zone) => zone.to_string(),
                (_, Some(endpoint)) if !self.observed.endpoints.iter().any(|key| key.endpoint == endpoint) => {
                    endpoint.to_string()
                }
                _ => continue,
            };
            if content.name != mark(&self.rules.configuration.deployment, &id) || content.stage == Stage::Goes {
                continue;
            }
            if !self.deletes() {
                let remedy = self.by_hand(&format!("take {id} out of the Profile"));
                self.hold(reason::POLICY_LEAVES, remedy);
                continue;
            }
            let step = Change::Exclude { profile: self.key.clone(), resource: content.resource.clone() };
            let decision = Decision {
                detail: Some(format!("{id} in the Profile")),
                announce: Some(told::NAME_WITHDRAWN),
                ..self.decision(Outcome::Withdraw, reason::NOT_WANTED)
            };
            self.plan.removals.push((step, decision));
        }
    }

    fn deletes(&self) -> bool {
        self.rules.configuration.dns.policy.deletes()
    }

    fn by_hand(&self, what: &str) -> String {
        format!("dns.policy is {}; {what} by hand", self.rules.configuration.dns.policy)
    }

    fn again(&mut self) {
        let (account, region) = (self.key.account.clone(), self.key.region.clone());
        self.plan.again = Some((Subject::Place { account, region }, SOON));
    }

    fn hold(&mut self, why: &'static str, remedy: String) {
        let decision = Decision { remedies: vec![remedy], ..self.decision(Outcome::Hold, why) };
        self.plan.held.push(decision);
    }

    fn hold_vpc(&mut self, vpc: &VpcReference, account: &AccountId, why: &'static str, remedy: String) {
        let decision = Decision { remedies: vec![remedy], ..self.vpc_decision(vpc, account, Outcome::Hold, why) };
        self.plan.held.push(decision);
    }

    fn decision(&self, outcome: Outcome, why: &'static str) -> Decision {
        Decision { about: self.about(), ..Decision::new(outcome, why) }
    }

    fn vpc_decision(&self, vpc: &VpcReference, account: &AccountId, outcome: Outcome, why: &'static str) -> Decision {
        let mut about = self.about();
        about.subject = format!("{} in {} of {account}", about.subject, vpc.vpc);
        about.fields.insert("vpc_id", vpc.vpc.to_string());
        about.fields.insert("vpc_owner", account.to_string());
        Decision { about, ..Decision::new(outcome, why) }
    }

    fn about(&self) -> About {
        let ProfileKey { account, region, profile } = self.key;
        let mut about = About { subject: format!("Profile {profile}"), resource: self.key.arn(), ..About::default() };
        about.fields.insert("account", account.to_string());
        about.fields.insert("region", region.to_string());
        about.fields.insert("profile_id", profile.to_string());
        about
    }
}

/// The names that a Profile knows: those of the zones in it, as far as these are known by name.
#[must_use]
pub fn names_in<'a>(
    contents: &[ProfileContent],
    names: &'a BTreeMap<ZoneId, DomainName>,
) -> BTreeMap<ZoneId, &'a DomainName> {
    let known = |content: &ProfileContent| {
        let zone = content.zone()?;
        let name = names.get(&zone)?;
        Some((zone, name))
    };
    contents.iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests;
