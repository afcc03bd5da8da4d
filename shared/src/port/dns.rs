//! DNS: hosted zones of Route 53, their records, and the VPCs that they answer in.

use std::collections::BTreeSet;

use super::PortError;
use crate::{
    model::{AccountId, ChangeId, DomainName, RecordChange, RecordSet, VpcReference, VpcZone, Zone, ZoneKey},
    reconcile::Permit,
};

/// Which records of a zone are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// All of them.
    Everything,
    /// Those at this name and below it, which lie side by side.
    Within(&'a DomainName),
    /// Those at this name.
    At(&'a DomainName),
}

/// Hosted zones, each in the account that owns it.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait HostedZones {
    /// All zones of an account.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_zones(&self, account: &AccountId) -> Result<Vec<Zone>, PortError>;

    /// The zones of an account that have exactly this name.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn zones_named(&self, account: &AccountId, name: &DomainName) -> Result<Vec<Zone>, PortError>;

    /// Records of a zone, as far as they are wanted.
    ///
    /// # Errors
    /// When any page can't be read, or the zone is not there.
    async fn list_records(&self, key: &ZoneKey, stretch: Stretch<'_>) -> Result<Vec<RecordSet>, PortError>;

    /// Changes records: all of them or, on an error, none. More than one batch may hold is refused.
    ///
    /// # Errors
    /// When they are not changed, or not known to be.
    async fn change_records(
        &self,
        key: &ZoneKey,
        changes: &[RecordChange],
        permit: &Permit,
    ) -> Result<ChangeId, PortError>;

    /// Whether a change has reached all name servers.
    ///
    /// # Errors
    /// When it can't be read.
    async fn is_in_sync(&self, account: &AccountId, change: &ChangeId) -> Result<bool, PortError>;

    /// Makes a private zone that answers in one VPC of the same account.
    ///
    /// # Errors
    /// When it isn't made, or not known to be.
    async fn create_zone(
        &self,
        account: &AccountId,
        name: &DomainName,
        comment: &str,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<ZoneKey, PortError>;

    /// Writes another comment on a zone, in the place of the one that it has.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn replace_comment(&self, key: &ZoneKey, comment: &str, permit: &Permit) -> Result<(), PortError>;

    /// Deletes a zone that holds no records but its own.
    ///
    /// # Errors
    /// When it isn't deleted, or not known to be.
    async fn delete_zone(&self, key: &ZoneKey, permit: &Permit) -> Result<(), PortError>;

    /// The VPCs that a private zone answers in.
    ///
    /// # Errors
    /// When it can't be read, or the zone is not there.
    async fn associated_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError>;

    /// The VPCs of other accounts that may be associated with a zone.
    ///
    /// # Errors
    /// When any page can't be read, or the zone is not there.
    async fn authorized_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError>;

    /// Allows a VPC of another account to be associated with the zone. One that may already stays as it is.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn authorize(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError>;

    /// Takes that back. An association that was made of it stays.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn withdraw(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError>;

    /// Has a zone answer in a VPC, as the VPC's account.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn associate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Has a zone answer in a VPC no more, as the zone's account or the VPC's.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn disassociate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// The private zones that answer in a VPC, those that AWS made for endpoints among them; not those that come through a
    /// Route 53 Profile. Read as the VPC's account.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn zones_of_vpc(&self, account: &AccountId, vpc: &VpcReference) -> Result<Vec<VpcZone>, PortError>;
}
