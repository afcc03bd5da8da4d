//! Hosted zones, their records, and the VPCs that they answer in.

use std::{collections::BTreeSet, future::Future};

use drawbridge::{
    model::{
        AccountId, ChangeId, DomainName, RecordChange, RecordSet, RecordType, VpcReference, VpcZone, Zone, ZoneKey,
    },
    port::{HostedZones, PortError, Stretch},
    reconcile::Permit,
};

use super::Ports;
use crate::dns;

impl Ports {
    /// A listing that may go on a page later, after it has changed: what comes after the middle is read then. `place` tells where
    /// in the listing something stands.
    pub(super) async fn paged<T, P: Ord, F: Future<Output = Result<Vec<T>, PortError>>>(
        &self,
        list: impl Fn() -> F,
        place: impl Fn(&T) -> P,
    ) -> Result<Vec<T>, PortError> {
        let stage = self.stage();
        let mut listed = list().await?;
        if !stage.trouble.has_pages(&stage.random) {
            return Ok(listed);
        }
        stage.count("listing changed between pages");
        let middle = listed.get(listed.len() / 2).map(&place);
        let rest = list().await?;
        let is_later = |item: &T| middle.as_ref().is_none_or(|middle| place(item) >= *middle);
        listed.retain(|item| !is_later(item));
        listed.extend(rest.into_iter().filter(is_later));
        Ok(listed)
    }
}

/// Where a record stands in a listing: by its labels from behind.
///
/// Source: Route 53 API reference, `ListResourceRecordSets`, sort order.
fn place(record: &RecordSet) -> (String, RecordType, Option<String>) {
    let mut labels: Vec<&str> = record.name.labels().collect();
    labels.reverse();
    let labels = labels.into_iter().map(|label| label.replace('*', "\\052") + ".").collect();
    (labels, record.kind.clone(), record.routing.clone())
}

impl HostedZones for Ports {
    async fn list_zones(&self, account: &AccountId) -> Result<Vec<Zone>, PortError> {
        let world = &self.stage().world;
        let list = async || {
            let answer = world.list_zones(account);
            self.read_as(Some(account), "route53:ListHostedZones", account.as_str(), answer).await
        };
        self.paged(list, |zone| zone.key.clone()).await
    }

    async fn zones_named(&self, account: &AccountId, name: &DomainName) -> Result<Vec<Zone>, PortError> {
        let world = &self.stage().world;
        let answer = world.zones_named(account, name);
        self.read_as(Some(account), "route53:ListHostedZonesByName", name.as_str(), answer).await
    }

    async fn list_records(&self, key: &ZoneKey, stretch: Stretch<'_>) -> Result<Vec<RecordSet>, PortError> {
        let world = &self.stage().world;
        let about = match stretch {
            Stretch::Everything => key.zone.to_string(),
            Stretch::Within(name) => format!("{} below {name}", key.zone),
            Stretch::At(name) => format!("{} at {name}", key.zone),
        };
        let list = async || {
            let answer = world.list_records(key, stretch);
            self.read_as(Some(&key.account), "route53:ListResourceRecordSets", &about, answer).await
        };
        self.paged(list, place).await
    }

    async fn change_records(
        &self,
        key: &ZoneKey,
        changes: &[RecordChange],
        permit: &Permit,
    ) -> Result<ChangeId, PortError> {
        let world = &self.stage().world;
        let words: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let about = format!("{}: {}", key.zone, words.join(", "));
        let answer = world.change_records(key, changes, permit);
        self.write_as(&key.account, "route53:ChangeResourceRecordSets", &about, answer).await
    }

    async fn is_in_sync(&self, account: &AccountId, change: &ChangeId) -> Result<bool, PortError> {
        let world = &self.stage().world;
        let about = format!("{change:?}");
        self.read_as(Some(account), "route53:GetChange", &about, world.is_in_sync(account, change)).await
    }

    async fn create_zone(
        &self,
        account: &AccountId,
        name: &DomainName,
        comment: &str,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<ZoneKey, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        dns::invariant::before_zone(stage, &self.run(), account, name, vpc);
        let about = format!("{name} in {}", vpc.vpc);
        let answer = world.create_zone(account, name, comment, vpc, permit);
        self.write_as(account, "route53:CreateHostedZone", &about, answer).await
    }

    async fn replace_comment(&self, key: &ZoneKey, comment: &str, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.replace_comment(key, comment, permit);
        self.write_as(&key.account, "route53:UpdateHostedZoneComment", key.zone.as_str(), answer).await
    }

    async fn delete_zone(&self, key: &ZoneKey, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.delete_zone(key, permit);
        self.write_as(&key.account, "route53:DeleteHostedZone", key.zone.as_str(), answer).await
    }

    async fn associated_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        let world = &self.stage().world;
        let answer = world.associated_vpcs(key);
        self.read_as(Some(&key.account), "route53:GetHostedZone", key.zone.as_str(), answer).await
    }

    async fn authorized_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        let world = &self.stage().world;
        let answer = world.authorized_vpcs(key);
        self.read_as(Some(&key.account), "route53:ListVPCAssociationAuthorizations", key.zone.as_str(), answer).await
    }

    async fn authorize(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let about = format!("{} for {}", key.zone, vpc.vpc);
        let answer = world.authorize(key, vpc, permit);
        self.write_as(&key.account, "route53:CreateVPCAssociationAuthorization", &about, answer).await
    }

    async fn withdraw(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let about = format!("{} for {}", key.zone, vpc.vpc);
        let answer = world.withdraw(key, vpc, permit);
        self.write_as(&key.account, "route53:DeleteVPCAssociationAuthorization", &about, answer).await
    }

    async fn associate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let stage = self.stage();
        let world = &stage.world;
        dns::invariant::before_association(stage, &self.run(), key, vpc);
        let about = format!("{} with {}", vpc.vpc, key.zone);
        let answer = world.associate(key, account, vpc, permit);
        self.write_as(account, "route53:AssociateVPCWithHostedZone", &about, answer).await
    }

    async fn disassociate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let about = format!("{} from {}", vpc.vpc, key.zone);
        let answer = world.disassociate(key, account, vpc, permit);
        self.write_as(account, "route53:DisassociateVPCFromHostedZone", &about, answer).await
    }

    async fn zones_of_vpc(&self, account: &AccountId, vpc: &VpcReference) -> Result<Vec<VpcZone>, PortError> {
        let world = &self.stage().world;
        let answer = world.zones_of_vpc(account, vpc);
        self.read_as(Some(account), "route53:ListHostedZonesByVPC", vpc.vpc.as_str(), answer).await
    }
}
