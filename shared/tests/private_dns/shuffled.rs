//! The world, with each listing in another order.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use drawbridge::{
    model::{
        AccountId, ChangeId, DomainName, Endpoint, EndpointKey, ForwardingRule, InterfaceAddress, InterfaceId, Offer,
        ProfileAttachment, ProfileContent, ProfileId, ProfileKey, RecordChange, RecordSet, Region, Tags, Vpc,
        VpcReference, VpcZone, Zone, ZoneKey,
    },
    port::{Endpoints, HostedZones, PortError, Resolvers, Stretch},
    reconcile::Permit,
    world::World,
};

use crate::random::Random;

/// Ports on a world.
#[derive(Debug)]
pub struct Shuffled<'a> {
    pub world: &'a World,
    pub random: Random,
    /// How many listings came otherwise than the world has them.
    pub changed: RefCell<usize>,
}

impl Shuffled<'_> {
    fn shuffle<T: Clone + PartialEq>(&self, mut items: Vec<T>) -> Vec<T> {
        let before = items.clone();
        for end in (1..items.len()).rev() {
            items.swap(end, self.random.index(end + 1));
        }
        *self.changed.borrow_mut() += usize::from(items != before);
        items
    }

    fn shown(&self, endpoint: Endpoint) -> Endpoint {
        Endpoint { dns_entries: self.shuffle(endpoint.dns_entries.clone()), ..endpoint }
    }
}

impl HostedZones for &Shuffled<'_> {
    async fn list_zones(&self, account: &AccountId) -> Result<Vec<Zone>, PortError> {
        Ok(self.shuffle(self.world.list_zones(account).await?))
    }

    async fn zones_named(&self, account: &AccountId, name: &DomainName) -> Result<Vec<Zone>, PortError> {
        Ok(self.shuffle(self.world.zones_named(account, name).await?))
    }

    async fn list_records(&self, key: &ZoneKey, stretch: Stretch<'_>) -> Result<Vec<RecordSet>, PortError> {
        Ok(self.shuffle(self.world.list_records(key, stretch).await?))
    }

    async fn zones_of_vpc(&self, account: &AccountId, vpc: &VpcReference) -> Result<Vec<VpcZone>, PortError> {
        Ok(self.shuffle(self.world.zones_of_vpc(account, vpc).await?))
    }

    async fn change_records(
        &self,
        key: &ZoneKey,
        changes: &[RecordChange],
        permit: &Permit,
    ) -> Result<ChangeId, PortError> {
        self.world.change_records(key, changes, permit).await
    }

    async fn replace_comment(&self, key: &ZoneKey, comment: &str, permit: &Permit) -> Result<(), PortError> {
        self.world.replace_comment(key, comment, permit).await
    }

    async fn is_in_sync(&self, account: &AccountId, change: &ChangeId) -> Result<bool, PortError> {
        self.world.is_in_sync(account, change).await
    }

    async fn create_zone(
        &self,
        account: &AccountId,
        name: &DomainName,
        comment: &str,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<ZoneKey, PortError> {
        self.world.create_zone(account, name, comment, vpc, permit).await
    }

    async fn delete_zone(&self, key: &ZoneKey, permit: &Permit) -> Result<(), PortError> {
        self.world.delete_zone(key, permit).await
    }

    async fn associated_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        self.world.associated_vpcs(key).await
    }

    async fn authorized_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        self.world.authorized_vpcs(key).await
    }

    async fn authorize(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError> {
        self.world.authorize(key, vpc, permit).await
    }

    async fn withdraw(&self, key: &ZoneKey, vpc: &VpcReference, permit: &Permit) -> Result<(), PortError> {
        self.world.withdraw(key, vpc, permit).await
    }

    async fn associate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.world.associate(key, account, vpc, permit).await
    }

    async fn disassociate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.world.disassociate(key, account, vpc, permit).await
    }
}

impl Endpoints for &Shuffled<'_> {
    async fn list_endpoints(&self, account: &AccountId, region: &Region) -> Result<Vec<Endpoint>, PortError> {
        let endpoints = self.world.list_endpoints(account, region).await?;
        Ok(self.shuffle(endpoints).into_iter().map(|endpoint| self.shown(endpoint)).collect())
    }

    async fn list_interfaces(
        &self,
        account: &AccountId,
        region: &Region,
        wanted: Option<&BTreeSet<InterfaceId>>,
    ) -> Result<BTreeMap<InterfaceId, Tags>, PortError> {
        self.world.list_interfaces(account, region, wanted).await
    }

    async fn describe_endpoint(&self, key: &EndpointKey) -> Result<Option<Endpoint>, PortError> {
        Ok(self.world.describe_endpoint(key).await?.map(|endpoint| self.shown(endpoint)))
    }

    async fn interface_addresses(
        &self,
        account: &AccountId,
        region: &Region,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeMap<InterfaceId, InterfaceAddress>, PortError> {
        self.world.interface_addresses(account, region, interfaces).await
    }

    async fn describe_offer(
        &self,
        account: &AccountId,
        region: &Region,
        service_name: &str,
    ) -> Result<Option<Offer>, PortError> {
        let offer = self.world.describe_offer(account, region, service_name).await?;
        Ok(offer.map(|offer| Offer { private_names: self.shuffle(offer.private_names.clone()), ..offer }))
    }

    async fn list_vpcs(&self, account: &AccountId, region: &Region) -> Result<Vec<Vpc>, PortError> {
        Ok(self.shuffle(self.world.list_vpcs(account, region).await?))
    }

    async fn resolves_private_names(&self, account: &AccountId, vpc: &VpcReference) -> Result<Option<bool>, PortError> {
        self.world.resolves_private_names(account, vpc).await
    }

    async fn enable_private_dns(&self, key: &EndpointKey, permit: &Permit) -> Result<(), PortError> {
        self.world.enable_private_dns(key, permit).await
    }
}

impl Resolvers for &Shuffled<'_> {
    async fn is_profile_shared(&self, key: &ProfileKey) -> Result<Option<bool>, PortError> {
        self.world.is_profile_shared(key).await
    }

    async fn profile_contents(
        &self,
        account: &AccountId,
        region: &Region,
        profile: &ProfileId,
    ) -> Result<Vec<ProfileContent>, PortError> {
        Ok(self.shuffle(self.world.profile_contents(account, region, profile).await?))
    }

    async fn list_attachments(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<ProfileAttachment>, PortError> {
        Ok(self.shuffle(self.world.list_attachments(account, region).await?))
    }

    async fn list_forwarding(&self, account: &AccountId, region: &Region) -> Result<Vec<ForwardingRule>, PortError> {
        Ok(self.shuffle(self.world.list_forwarding(account, region).await?))
    }

    async fn include(&self, key: &ProfileKey, resource: &str, name: &str, permit: &Permit) -> Result<(), PortError> {
        self.world.include(key, resource, name, permit).await
    }

    async fn exclude(&self, key: &ProfileKey, resource: &str, permit: &Permit) -> Result<(), PortError> {
        self.world.exclude(key, resource, permit).await
    }

    async fn attach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        name: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.world.attach(key, account, vpc, name, permit).await
    }

    async fn detach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.world.detach(key, account, vpc, permit).await
    }
}
