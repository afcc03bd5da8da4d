//! What must hold of the VPCs that a zone answers in, and of those that may be associated with it.

use drawbridge::{
    model::{AccountId, VpcReference, ZoneKey},
    port::earlier,
    world::HostedZone,
};

use super::Check;
use crate::{
    dns::{
        reckoning::is_concerned,
        register::marked,
        seen::{REMEMBERED, is_home},
    },
    stage::Invariant,
};

impl Check<'_> {
    pub fn vpcs(&self, key: &ZoneKey, was: &HostedZone, is: &HostedZone) {
        for vpc in is.vpcs.difference(&was.vpcs) {
            self.associated(key, is, vpc);
        }
        for vpc in was.vpcs.difference(&is.vpcs) {
            self.disassociated(key, is, vpc);
        }
        for vpc in is.authorized.difference(&was.authorized) {
            self.stage.opened.borrow_mut().insert((key.clone(), vpc.clone()));
            self.given(key, is, vpc, "authorizes");
        }
        for vpc in was.authorized.difference(&is.authorized) {
            let is_ours = self.stage.opened.borrow_mut().remove(&(key.clone(), vpc.clone()));
            if !is_ours && !self.is_marked(key, vpc) {
                self.wrong(Invariant::OthersNamesAreUntouched, || {
                    format!("takes the authorization of {vpc} for {key}")
                });
            }
        }
    }

    fn is_marked(&self, key: &ZoneKey, vpc: &VpcReference) -> bool {
        self.seen.zones(key).any(|zone| marked(zone).contains(vpc))
    }

    /// Whether a VPC may be thought to be one in which the name answers, and whether it may be thought to be none.
    fn is_wanted(&self, key: &ZoneKey, zone: &HostedZone, vpc: &VpcReference) -> (bool, bool) {
        let wanting = self.seen.wanting(self.terms, &key.account, &zone.zone.name);
        let home = wanting.iter().any(|wanting| is_home(wanting, vpc));
        let not_home = wanting.iter().any(|wanting| {
            // Of several endpoints one has the name, and the VPCs of the others are as any.
            wanting.len() > 1 || !is_home(wanting, vpc)
        });
        let (selected, not_selected) = self.seen.selects(self.stage, self.run, self.terms, vpc);
        (home || selected, not_home && not_selected)
    }

    fn owner(&self, vpc: &VpcReference) -> Option<AccountId> {
        let mut states = self.seen.remembered.iter().rev();
        states.find_map(|state| state.vpcs.get(vpc).map(|network| network.vpc.account.clone()))
    }

    fn given(&self, key: &ZoneKey, is: &HostedZone, vpc: &VpcReference, what: &str) {
        let words = || format!("{what} {vpc} for zone {} {key}", is.zone.name);
        let owner = self.owner(vpc);
        let listed = owner.is_some_and(|owner| self.terms.consumers.contains(&owner.as_str()) || owner == key.account);
        if !listed || !self.terms.may_write(key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, words);
        }
        if !self.is_ours(key) {
            self.wrong(Invariant::OthersNamesAreUntouched, words);
        }
        if !self.is_wanted(key, is, vpc).0 {
            self.wrong(Invariant::OnlyTheWantedIsPublished, words);
        }
    }

    fn associated(&self, key: &ZoneKey, is: &HostedZone, vpc: &VpcReference) {
        self.given(key, is, vpc, "associates");
        if !marked(is).contains(vpc) && !self.is_marked(key, vpc) {
            self.wrong(Invariant::RecordsAreRegistered, || format!("associates {vpc} with {key}, and doesn't say so"));
        }
    }

    fn disassociated(&self, key: &ZoneKey, is: &HostedZone, vpc: &VpcReference) {
        let words = || format!("disassociates {vpc} from zone {} {key}", is.zone.name);
        if !self.is_ours(key) || !self.is_marked(key, vpc) {
            self.wrong(Invariant::OthersNamesAreUntouched, words);
        }
        if !self.terms.may_write(key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, words);
        }
        if !self.terms.deletes() {
            self.wrong(Invariant::DnsPolicyIsObeyed, words);
        }
        // A zone that goes leaves its VPCs before.
        if self.is_abandoned(key, &is.zone.name) {
            return self.withdraw(format!("zone {key}"));
        }
        let unread = |owner: &AccountId| {
            let oldest = earlier(self.run.begun, REMEMBERED);
            is_concerned(self.terms, owner) && self.vpcs_read.get(owner).is_none_or(|read| *read < oldest)
        };
        if self.owner(vpc).is_some_and(|owner| unread(&owner)) {
            self.wrong(Invariant::TheUnreadKeepTheirNames, words);
        }
        if !self.is_wanted(key, is, vpc).1 {
            // Where an account can't be told about, its VPCs are as unread as if they were.
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, words);
        }
        self.withdraw(format!("{vpc} of {key}"));
    }
}
