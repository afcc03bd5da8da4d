//! The zone of a name in the Profile that brings it to VPCs.

use std::collections::BTreeSet;

use super::{PrivateZone, planner::Planner};
use crate::{
    event::{Subject, ZoneReference, told},
    model::{ProfileContent, ProfileKey, Stage, VpcReference, ZoneId, partition},
    plan::{
        Decision, Outcome,
        dns::{
            Change,
            profile::{SOON, mark},
        },
        reason,
    },
};

/// What was read about the Profile that brings a name to VPCs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileView {
    /// The Profile.
    pub key: ProfileKey,
    /// What is in it.
    pub contents: Vec<ProfileContent>,
    /// Other zones of this very name in it.
    pub others: BTreeSet<ZoneId>,
    /// The VPCs that have it.
    pub vpcs: BTreeSet<VpcReference>,
}

impl ProfileView {
    /// What the Profile says of a zone.
    #[must_use]
    pub fn content(&self, zone: &ZoneId) -> Option<&ProfileContent> {
        self.contents.iter().find(|content| content.zone().as_ref() == Some(zone))
    }

    /// Whether the zone answers in a VPC by the Profile.
    #[must_use]
    pub fn brings(&self, zone: &ZoneId, vpc: &VpcReference) -> bool {
        self.vpcs.contains(vpc) && self.content(zone).is_some_and(|content| content.stage == Stage::Stands)
    }
}

impl Planner<'_> {
    /// Has the zone answer in the VPCs of the Profile, if one brings its name there.
    pub fn include(&mut self, zone: &PrivateZone) {
        let observed = self.observed;
        let Some(profile) = &observed.profile else { return };
        let id = &zone.zone.key.zone;
        match profile.content(id).map(|content| content.stage) {
            Some(Stage::Stands | Stage::Comes) => {}
            Some(Stage::Goes) => self.look_at_zone_again(zone),
            Some(Stage::Failed) => {
                let remedy =
                    format!("the association of {id} with {} has failed: delete it, and it is made again", profile.key);
                self.hold(reason::NOT_POSSIBLE, remedy);
            }
            None => self.put_into(profile, zone),
        }
    }

    fn put_into(&mut self, profile: &ProfileView, zone: &PrivateZone) {
        let id = &profile.key.profile;
        if let Some(other) = profile.others.first() {
            return self
                .hold(reason::CONFLICT, format!("{other} answers for the name in the Profile {id}: take it out"));
        }
        let mark = mark(&self.rules.configuration.deployment, zone.zone.key.zone.as_str());
        let resource = zone.zone.key.arn_in(partition(profile.key.region.as_str()));
        let step = Change::Include { profile: profile.key.clone(), resource, mark };
        let decision = Decision {
            detail: Some(format!("in the Profile {id}")),
            announce: Some(told::ZONE_ASSOCIATED),
            ..self.decision(Outcome::Associate, reason::SELECTED)
        };
        self.plan.steps.push((step, decision));
    }

    /// Takes a zone that nobody wants any more out of the Profile. Whether it is in one: then it can't be deleted yet.
    pub fn exclude(&mut self, zone: &PrivateZone) -> bool {
        let Some(profile) = &self.observed.profile else { return false };
        let Some(content) = profile.content(&zone.zone.key.zone) else { return false };
        if content.name != mark(&self.rules.configuration.deployment, zone.zone.key.zone.as_str()) {
            let remedy = format!("people put the zone into the Profile {}: take it out", profile.key.profile);
            self.hold(reason::NOT_OWNED, remedy);
            return true;
        }
        if content.stage != Stage::Goes {
            let step = Change::Exclude { profile: profile.key.clone(), resource: content.resource.clone() };
            let decision = Decision {
                detail: Some(format!("in the Profile {}", profile.key.profile)),
                announce: Some(told::ZONE_DISASSOCIATED),
                ..self.decision(Outcome::Disassociate, reason::NOT_WANTED)
            };
            self.plan.removals.push((step, decision));
        }
        self.look_at_zone_again(zone);
        true
    }

    fn look_at_zone_again(&mut self, zone: &PrivateZone) {
        let (account, zone) = (Some(zone.zone.key.account.clone()), zone.zone.key.zone.clone());
        self.plan.again = Some((Subject::Zone(ZoneReference { account, zone }), SOON));
    }
}
