//! Route 53 Profiles and forwarding rules in memory.

use std::collections::BTreeMap;

use super::{State, World, fault::Refusal, network::owner_of};
use crate::{
    model::{
        AccountId, DomainName, ForwardingRule, ProfileAttachment, ProfileContent, ProfileId, ProfileKey, Region, Stage,
        VpcReference,
    },
    port::{PortError, Resolvers},
    reconcile::Permit,
};

/// Results of one page.
///
/// Source: API references of Route 53 Profiles and Route 53 Resolver, `MaxResults` of the listings.
const PAGE: usize = 100;

/// Profiles that one VPC can have.
///
/// Source: Route 53 developer guide, Profiles: the stricter reading.
const MOST_PROFILES: usize = 1;

/// A Profile: what is in it, and the VPCs that have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharedSettings {
    /// The accounts that it is shared with.
    pub shared: std::collections::BTreeSet<AccountId>,
    /// What is in it, by ARN.
    pub contents: BTreeMap<String, ProfileContent>,
    /// The VPCs that have it, with what the associations are called.
    pub vpcs: BTreeMap<VpcReference, String>,
}

impl Resolvers for &World {
    async fn is_profile_shared(&self, key: &ProfileKey) -> Result<Option<bool>, PortError> {
        self.read("route53profiles:GetProfile", &key.to_string(), |state| {
            state.profiles.get(key).map(|profile| !profile.shared.is_empty())
        })
    }

    async fn profile_contents(
        &self,
        account: &AccountId,
        region: &Region,
        profile: &ProfileId,
    ) -> Result<Vec<ProfileContent>, PortError> {
        let place = format!("{account}/{region}/{profile}");
        let call = "route53profiles:ListProfileResourceAssociations";
        self.read_pages(call, &place, PAGE, |state, skip, take| {
            let named = |key: &&ProfileKey| key.profile == *profile && key.region == *region;
            let key = state.profiles.keys().find(named).ok_or_else(no_profile)?;
            let profile = usable(state, account, key)?;
            Ok(profile.contents.values().skip(skip).take(take).cloned().collect())
        })
    }

    async fn list_attachments(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<ProfileAttachment>, PortError> {
        let (call, place) = ("route53profiles:ListProfileAssociations", format!("{account}/{region}"));
        self.read_pages(call, &place, PAGE, |state, skip, take| {
            let all = state.profiles.iter().filter(|(key, _)| key.region == *region).flat_map(|(key, profile)| {
                profile.vpcs.iter().filter_map(move |(vpc, name)| {
                    Some(ProfileAttachment {
                        account: owner_of(state, vpc)?.clone(),
                        profile: key.profile.clone(),
                        vpc: vpc.clone(),
                        name: name.clone(),
                        stage: Stage::Stands,
                    })
                })
            });
            let of_the_account = all.filter(|found| found.account == *account);
            Ok(of_the_account.skip(skip).take(take).collect())
        })
    }

    async fn list_forwarding(&self, account: &AccountId, region: &Region) -> Result<Vec<ForwardingRule>, PortError> {
        let place = format!("{account}/{region}");
        let here = |state: &State, rule: &ForwardingRule| {
            rule.vpc.region == *region && owner_of(state, &rule.vpc) == Some(account)
        };
        // The rules that the account can see, then where they apply.
        self.read("route53resolver:ListResolverRules", &place, |_| ())?;
        self.read_pages("route53resolver:ListResolverRuleAssociations", &place, PAGE, |state, skip, take| {
            Ok(state.forwarding.iter().filter(|rule| here(state, rule)).skip(skip).take(take).cloned().collect())
        })
    }

    async fn include(&self, key: &ProfileKey, resource: &str, name: &str, _: &Permit) -> Result<(), PortError> {
        let place = format!("{key}/{resource}");
        self.write_one("route53profiles:AssociateResourceToProfile", &place, |state| {
            let domain = domain_of(state, resource);
            let contents = &own(state, key)?.contents;
            if contents.contains_key(resource) {
                return Ok(());
            }
            if domain.is_some() && contents.keys().any(|other| domain_of(state, other) == domain) {
                return Err(Refusal::new("ConflictException", "the Profile has a zone of this name already"));
            }
            let content = ProfileContent { resource: resource.to_owned(), name: name.to_owned(), stage: Stage::Stands };
            own_to_change(state, key)?.contents.insert(resource.to_owned(), content);
            Ok(())
        })
    }

    async fn exclude(&self, key: &ProfileKey, resource: &str, _: &Permit) -> Result<(), PortError> {
        let place = format!("{key}/{resource}");
        self.write_one("route53profiles:DisassociateResourceFromProfile", &place, |state| {
            if let Some(profile) = state.profiles.get_mut(key) {
                profile.contents.remove(resource);
            }
            Ok(())
        })
    }

    async fn attach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        name: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("route53profiles:AssociateProfile", &format!("{key}/{vpc}"), |state| {
            if owner_of(state, vpc) != Some(account) {
                return Err(Refusal::new("InvalidParameterException", "the VPC is none of this account"));
            }
            if usable(state, account, key)?.vpcs.contains_key(vpc) {
                return Ok(());
            }
            if profiles_of(state, vpc).count() >= MOST_PROFILES {
                return Err(Refusal::new("LimitExceededException", "the VPC has as many Profiles as it can have"));
            }
            own_to_change(state, key)?.vpcs.insert(vpc.clone(), name.to_owned());
            Ok(())
        })
    }

    async fn detach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("route53profiles:DisassociateProfile", &format!("{key}/{vpc}"), |state| {
            if key.account != *account && owner_of(state, vpc) != Some(account) {
                return Err(Refusal::denied("AccessDeniedException", "neither Profile nor VPC is this account's"));
            }
            if let Some(profile) = state.profiles.get_mut(key) {
                profile.vpcs.remove(vpc);
            }
            Ok(())
        })
    }
}

fn no_profile() -> Refusal {
    Refusal::gone("ResourceNotFoundException", "there is no such Profile")
}

fn own<'a>(state: &'a State, key: &ProfileKey) -> Result<&'a SharedSettings, Refusal> {
    state.profiles.get(key).ok_or_else(no_profile)
}

fn own_to_change<'a>(state: &'a mut State, key: &ProfileKey) -> Result<&'a mut SharedSettings, Refusal> {
    state.profiles.get_mut(key).ok_or_else(no_profile)
}

/// A Profile that an account owns or that is shared with it.
fn usable<'a>(state: &'a State, account: &AccountId, key: &ProfileKey) -> Result<&'a SharedSettings, Refusal> {
    let may = |profile: &&SharedSettings| key.account == *account || profile.shared.contains(account);
    state.profiles.get(key).filter(may).ok_or_else(no_profile)
}

fn profiles_of<'a>(state: &'a State, vpc: &'a VpcReference) -> impl Iterator<Item = &'a ProfileId> {
    state.profiles.iter().filter(|(_, profile)| profile.vpcs.contains_key(vpc)).map(|(key, _)| &key.profile)
}

/// The name of the zone with this ARN.
fn domain_of(state: &State, resource: &str) -> Option<DomainName> {
    state.zones.values().find(|zone| zone.zone.key.arn() == resource).map(|zone| zone.zone.name.clone())
}
