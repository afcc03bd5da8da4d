//! Hosted zones and the VPCs that they answer in, in memory.

use std::collections::BTreeSet;

use super::{
    State, World,
    change_batch::carry_out,
    fault::Refusal,
    network::{conflict, managed_zones, owner_of},
    zone::{HostedZone, PROPAGATION},
};
use crate::{
    model::{
        AccountId, ChangeId, DomainName, RecordChange, RecordSet, VpcReference, VpcZone, Zone, ZoneKey, ZoneOwner,
    },
    port::{Clock, HostedZones, PortError, Stretch, later},
    reconcile::Permit,
};

/// Zones, records and authorizations of one page.
///
/// Source: Route 53 API reference, `MaxItems` of the listings.
const ZONES_OF_A_PAGE: usize = 100;
const RECORDS_OF_A_PAGE: usize = 300;
const AUTHORIZATIONS_OF_A_PAGE: usize = 50;

/// VPCs that a zone can be associated with, and that can be allowed to be.
///
/// Source: Route 53 developer guide, quotas on hosted zones.
const MOST_VPCS: usize = 300;
const MOST_AUTHORIZED: usize = 1_000;

impl HostedZones for &World {
    async fn list_zones(&self, account: &AccountId) -> Result<Vec<Zone>, PortError> {
        self.read_pages("route53:ListHostedZones", account.as_str(), ZONES_OF_A_PAGE, |state, skip, take| {
            Ok(zones_of(state, account).skip(skip).take(take).map(HostedZone::shown).collect())
        })
    }

    async fn zones_named(&self, account: &AccountId, name: &DomainName) -> Result<Vec<Zone>, PortError> {
        self.read_pages("route53:ListHostedZonesByName", account.as_str(), ZONES_OF_A_PAGE, |state, skip, take| {
            let named = zones_of(state, account).filter(|zone| zone.zone.name == *name);
            Ok(named.skip(skip).take(take).map(HostedZone::shown).collect())
        })
    }

    async fn list_records(&self, key: &ZoneKey, stretch: Stretch<'_>) -> Result<Vec<RecordSet>, PortError> {
        let call = "route53:ListResourceRecordSets";
        self.read_pages(call, &key.to_string(), RECORDS_OF_A_PAGE, |state, skip, take| {
            let zone = zone(state, key)?;
            let wanted: Box<dyn Iterator<Item = &RecordSet>> = match stretch {
                Stretch::Everything => Box::new(zone.records()),
                Stretch::Within(top) => {
                    Box::new(zone.records_from(Some(top)).take_while(|record| record.name.is_within(top)))
                }
                Stretch::At(name) => Box::new(zone.records_from(Some(name)).take_while(|record| record.name == *name)),
            };
            Ok(wanted.skip(skip).take(take).cloned().collect())
        })
    }

    async fn change_records(&self, key: &ZoneKey, changes: &[RecordChange], _: &Permit) -> Result<ChangeId, PortError> {
        let now = self.now();
        self.write_one("route53:ChangeResourceRecordSets", &key.to_string(), |state| {
            let id = state.new_id("C")?;
            let zone = zone_to_change(state, key)?;
            let new = carry_out(&zone.zone.name, zone.written(), changes)?;
            zone.replace(new, now);
            state.changes.insert(ChangeId::clone(&id), (key.account.clone(), later(now, PROPAGATION)));
            Ok(id)
        })
    }

    async fn is_in_sync(&self, account: &AccountId, change: &ChangeId) -> Result<bool, PortError> {
        let now = self.now();
        self.read_if_there("route53:GetChange", &format!("{account}/{change}"), |state| {
            match state.changes.get(change) {
                Some((owner, in_sync)) if owner == account => Ok(*in_sync <= now),
                _ => Err(Refusal::gone("NoSuchChange", "there is no such change")),
            }
        })
    }

    async fn create_zone(
        &self,
        account: &AccountId,
        name: &DomainName,
        comment: &str,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<ZoneKey, PortError> {
        self.write_one("route53:CreateHostedZone", &format!("{account}/{name}"), |state| {
            if owner_of(state, vpc) != Some(account) {
                return Err(Refusal::new("InvalidVPCId", "the VPC is none of this account"));
            }
            refuse_conflict(state, vpc, name)?;
            let key = ZoneKey { account: account.clone(), zone: state.new_id("Z")? };
            let mut zone = HostedZone::private(key.clone(), name.clone(), vpc.clone());
            comment.clone_into(&mut zone.zone.comment);
            state.zones.insert(key.clone(), zone);
            Ok(key)
        })
    }

    async fn replace_comment(&self, key: &ZoneKey, comment: &str, _: &Permit) -> Result<(), PortError> {
        self.write_one("route53:UpdateHostedZoneComment", &key.to_string(), |state| {
            comment.clone_into(&mut zone_to_change(state, key)?.zone.comment);
            Ok(())
        })
    }

    async fn delete_zone(&self, key: &ZoneKey, _: &Permit) -> Result<(), PortError> {
        self.write_one("route53:DeleteHostedZone", &key.to_string(), |state| {
            // What the zone can't be without are two of its records.
            if zone(state, key)?.records().nth(2).is_some() {
                return Err(Refusal::new("HostedZoneNotEmpty", "the zone holds records beside its own"));
            }
            state.zones.remove(key);
            Ok(())
        })
    }

    async fn associated_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        self.read_if_there("route53:GetHostedZone", &key.to_string(), |state| Ok(zone(state, key)?.vpcs.clone()))
    }

    async fn authorized_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        let call = "route53:ListVPCAssociationAuthorizations";
        let vpcs = self.read_pages(call, &key.to_string(), AUTHORIZATIONS_OF_A_PAGE, |state, skip, take| {
            Ok(private_zone(zone(state, key)?)?.authorized.iter().skip(skip).take(take).cloned().collect())
        })?;
        Ok(vpcs.into_iter().collect())
    }

    async fn authorize(&self, key: &ZoneKey, vpc: &VpcReference, _: &Permit) -> Result<(), PortError> {
        self.write_one("route53:CreateVPCAssociationAuthorization", &format!("{key}/{vpc}"), |state| {
            let zone = zone_to_change(state, key)?;
            private_zone(zone)?;
            if zone.authorized.len() >= MOST_AUTHORIZED && !zone.authorized.contains(vpc) {
                return Err(Refusal::new("TooManyVPCAssociationAuthorizations", "the zone has as many as it can have"));
            }
            zone.authorized.insert(vpc.clone());
            Ok(())
        })
    }

    async fn withdraw(&self, key: &ZoneKey, vpc: &VpcReference, _: &Permit) -> Result<(), PortError> {
        self.write_one("route53:DeleteVPCAssociationAuthorization", &format!("{key}/{vpc}"), |state| {
            let zone = zone_to_change(state, key)?;
            private_zone(zone)?;
            zone.authorized.remove(vpc);
            Ok(())
        })
    }

    async fn associate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("route53:AssociateVPCWithHostedZone", &format!("{key}/{vpc}"), |state| {
            let zone = zone(state, key)?;
            let owner = owner_of(state, vpc).ok_or_else(|| Refusal::new("InvalidVPCId", "there is no such VPC"))?;
            if owner != account || (key.account != *account && !zone.authorized.contains(vpc)) {
                return Err(Refusal::denied("NotAuthorizedException", "the VPC is not authorized to be associated"));
            }
            if !zone.zone.private {
                return Err(Refusal::new("PublicZoneVPCAssociation", "the zone is public"));
            }
            if zone.vpcs.contains(vpc) {
                return Ok(());
            }
            refuse_conflict(state, vpc, &zone.zone.name)?;
            if zone.vpcs.len() >= MOST_VPCS {
                return Err(Refusal::new("LimitsExceeded", "the zone has as many VPCs as it can have"));
            }
            zone_to_change(state, key)?.vpcs.insert(vpc.clone());
            Ok(())
        })
    }

    async fn disassociate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("route53:DisassociateVPCFromHostedZone", &format!("{key}/{vpc}"), |state| {
            let zone = zone(state, key)?;
            if key.account != *account && owner_of(state, vpc) != Some(account) {
                return Err(Refusal::denied("AccessDenied", "neither zone nor VPC is this account's"));
            }
            if !zone.vpcs.contains(vpc) {
                return Ok(());
            }
            if zone.vpcs.len() == 1 {
                return Err(Refusal::new("LastVPCAssociation", "the VPC is the last that the zone answers in"));
            }
            zone_to_change(state, key)?.vpcs.remove(vpc);
            Ok(())
        })
    }

    async fn zones_of_vpc(&self, account: &AccountId, vpc: &VpcReference) -> Result<Vec<VpcZone>, PortError> {
        let (call, place) = ("route53:ListHostedZonesByVPC", format!("{account}/{vpc}"));
        self.read_pages(call, &place, ZONES_OF_A_PAGE, |state, skip, take| {
            if owner_of(state, vpc) != Some(account) {
                return Err(Refusal::denied("AccessDenied", "the VPC is none of this account"));
            }
            let associated = state.zones.values().filter(|zone| zone.vpcs.contains(vpc)).map(|zone| VpcZone {
                name: zone.zone.name.clone(),
                zone: zone.zone.key.zone.clone(),
                owner: ZoneOwner::Account(zone.zone.key.account.clone()),
            });
            Ok(associated.chain(managed_zones(state, vpc)).skip(skip).take(take).collect())
        })
    }
}

fn zones_of<'a>(state: &'a State, account: &'a AccountId) -> impl Iterator<Item = &'a HostedZone> {
    state.zones.values().filter(move |zone| zone.zone.key.account == *account)
}

fn no_zone() -> Refusal {
    Refusal::gone("NoSuchHostedZone", "there is no such zone")
}

fn zone<'a>(state: &'a State, key: &ZoneKey) -> Result<&'a HostedZone, Refusal> {
    state.zones.get(key).ok_or_else(no_zone)
}

fn zone_to_change<'a>(state: &'a mut State, key: &ZoneKey) -> Result<&'a mut HostedZone, Refusal> {
    state.zones.get_mut(key).ok_or_else(no_zone)
}

fn private_zone(zone: &HostedZone) -> Result<&HostedZone, Refusal> {
    if zone.zone.private { Ok(zone) } else { Err(Refusal::new("InvalidInput", "the zone is public")) }
}

fn refuse_conflict(state: &State, vpc: &VpcReference, name: &DomainName) -> Result<(), Refusal> {
    match conflict(state, vpc, name) {
        Some(zone) => {
            let message = format!("the VPC has been associated with zone {zone} of the same name already");
            Err(Refusal::new("ConflictingDomainExists", &message))
        }
        None => Ok(()),
    }
}
