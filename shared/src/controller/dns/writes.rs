//! Carries out what was decided, one step after the other.

use super::Dns;
use crate::{
    model::{AccountId, RecordChange, VpcReference, ZoneKey},
    plan::dns::{Change, Key},
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
    reconcile::Permit,
};

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    pub(super) async fn write(&self, key: &Key, step: &Change, permit: &Permit) -> Result<(), PortError> {
        match step {
            Change::Records(zone, changes) => {
                self.read_zones.forget(zone);
                let change = self.hosted_zones.change_records(zone, changes, permit).await?;
                if let Key::Service(service) = key {
                    self.verifications.changed(service, zone, change);
                }
                Ok(())
            }
            Change::Verify(service) => {
                self.private_link.start_verification(service, permit).await?;
                self.verifications.looking(service, self.clock.now());
                Ok(())
            }
            Change::Enable(endpoint) => self.endpoints.enable_private_dns(endpoint, permit).await,
            Change::Zone { key, comment, vpc, changes } => {
                // Listed anew: the next look has to find it.
                self.zones.forget().await;
                let zone = self.hosted_zones.create_zone(&key.account, &key.name, comment, vpc, permit).await?;
                self.hosted_zones.change_records(&zone, changes, permit).await.map(|_| ())
            }
            Change::Associate { zone, account, vpc } => self.associate(zone, account, vpc, permit).await,
            Change::Disassociate { zone, account, vpc, registration } => {
                self.hosted_zones.disassociate(zone, &zone.account, vpc, permit).await?;
                if zone.account != *account {
                    self.hosted_zones.withdraw(zone, vpc, permit).await?;
                }
                let delete = [RecordChange::Delete(registration.clone())];
                self.hosted_zones.change_records(zone, &delete, permit).await.map(|_| ())
            }
            Change::Include { profile, resource, mark } => {
                self.profile_contents.forget(&profile.account, &profile.region).await;
                self.hosted_zones.include(profile, resource, mark, permit).await
            }
            Change::Exclude { profile, resource } => {
                self.profile_contents.forget(&profile.account, &profile.region).await;
                self.hosted_zones.exclude(profile, resource, permit).await
            }
            Change::Attach { profile, account, vpc, mark } => {
                self.attachments.forget(account, &vpc.region).await;
                self.hosted_zones.attach(profile, account, vpc, mark, permit).await
            }
            Change::Detach { profile, account, vpc } => {
                self.attachments.forget(account, &vpc.region).await;
                self.hosted_zones.detach(profile, account, vpc, permit).await
            }
            Change::Unauthorize { zone, vpc } => self.hosted_zones.withdraw(zone, vpc, permit).await,
            Change::DropZone { zone, vpcs, batches } => {
                self.zones.forget().await;
                for vpc in vpcs {
                    self.hosted_zones.disassociate(zone, &zone.account, vpc, permit).await?;
                }
                for changes in batches {
                    self.hosted_zones.change_records(zone, changes, permit).await?;
                }
                self.hosted_zones.delete_zone(zone, permit).await
            }
        }
    }

    /// Has a zone answer in a VPC. One of another account has to be authorized first, for as long as it takes.
    async fn associate(
        &self,
        zone: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        if zone.account == *account {
            return self.hosted_zones.associate(zone, account, vpc, permit).await;
        }
        self.hosted_zones.authorize(zone, vpc, permit).await?;
        let associated = self.hosted_zones.associate(zone, account, vpc, permit).await;
        // Whatever came of it: an authorization is a door that somebody else could go through.
        let withdrawn = self.hosted_zones.withdraw(zone, vpc, permit).await;
        associated.and(withdrawn)
    }
}

/// Whether a change of records marks the association that a later step makes.
pub(super) fn marks(before: &Change, step: &Change) -> bool {
    match (before, step) {
        (Change::Records(zone, changes), Change::Associate { zone: of, vpc, .. }) => {
            let is_mark = |change: &RecordChange| change.record().name.labels().next() == Some(vpc.vpc.as_str());
            zone == of && changes.iter().any(is_mark)
        }
        _ => false,
    }
}
