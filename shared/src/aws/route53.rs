//! Amazon Route 53: hosted zones, each in the account that owns it.

pub(super) mod answer;
pub(super) mod request;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_route53::{Client, types};

use self::{
    answer::{is_wanted, read_change_id, read_record, read_vpc, read_vpc_zone, read_zone},
    request::{Position, change_batch, vpc_of},
};
use super::{
    Access,
    error::port_error,
    pages::{Next, all_pages},
};
use crate::{
    model::{AccountId, ChangeId, DomainName, RecordChange, RecordSet, VpcReference, VpcZone, Zone, ZoneKey},
    port::{HostedZones, PortError, Stretch},
    reconcile::Permit,
};

const LIST_ZONES: &str = "route53:ListHostedZones";
const LIST_ZONES_BY_NAME: &str = "route53:ListHostedZonesByName";
const LIST_ZONES_OF_VPC: &str = "route53:ListHostedZonesByVPC";
const GET_ZONE: &str = "route53:GetHostedZone";
const CREATE_ZONE: &str = "route53:CreateHostedZone";
const REPLACE_COMMENT: &str = "route53:UpdateHostedZoneComment";
const DELETE_ZONE: &str = "route53:DeleteHostedZone";
const LIST_RECORDS: &str = "route53:ListResourceRecordSets";
const CHANGE_RECORDS: &str = "route53:ChangeResourceRecordSets";
const GET_CHANGE: &str = "route53:GetChange";
const AUTHORIZE: &str = "route53:CreateVPCAssociationAuthorization";
const LIST_AUTHORIZED: &str = "route53:ListVPCAssociationAuthorizations";
const WITHDRAW: &str = "route53:DeleteVPCAssociationAuthorization";
const ASSOCIATE: &str = "route53:AssociateVPCWithHostedZone";
const DISASSOCIATE: &str = "route53:DisassociateVPCFromHostedZone";

/// Most zones, records and authorizations of one page.
///
/// Source: Route 53 API reference, `MaxItems` of the listings, `MaxResults` of `ListVPCAssociationAuthorizations`.
const ZONES_OF_A_PAGE: i32 = 100;
const RECORDS_OF_A_PAGE: i32 = 300;
const AUTHORIZATIONS_OF_A_PAGE: i32 = 50;

/// The code for a VPC that has a zone of the name already: another one, or this very zone.
const CONFLICT: &str = "ConflictingDomainExists";
/// The code for a zone that was made by the same call before.
const MADE_BEFORE: &str = "HostedZoneAlreadyExists";
/// The codes for what is to be taken away and isn't there.
const NOT_ASSOCIATED: &str = "VPCAssociationNotFound";
const NOT_AUTHORIZED: &str = "VPCAssociationAuthorizationNotFound";

/// Hosted zones of all accounts, with a client for each. Route 53 is global: the SDK finds its one Region by ours.
#[derive(Debug)]
pub struct Route53 {
    pub(super) access: Access,
    clients: RefCell<BTreeMap<AccountId, Client>>,
    pub(super) resolvers: super::resolvers::Clients,
}

impl Route53 {
    pub(super) fn new(access: Access) -> Self {
        Self { access, clients: RefCell::default(), resolvers: super::resolvers::Clients::default() }
    }

    async fn client(&self, account: &AccountId) -> Client {
        if let Some(client) = self.clients.borrow().get(account) {
            return client.clone();
        }
        let client = Client::new(&self.access.global_config(account).await);
        self.clients.borrow_mut().entry(account.clone()).or_insert(client).clone()
    }

    /// The zones of this name, as Route 53 shows them.
    async fn hosted_zones_named(
        &self,
        account: &AccountId,
        name: &DomainName,
    ) -> Result<Vec<types::HostedZone>, PortError> {
        let client = &self.client(account).await;
        let first = Some((request::written(name), None));
        let is_it = |text: &str| DomainName::of_route53(text) == *name;
        all_pages(LIST_ZONES_BY_NAME, account.as_str(), first, async |start| {
            let (start_name, start_zone) = start.unzip();
            let call = client.list_hosted_zones_by_name().set_dns_name(start_name);
            let output = call.set_hosted_zone_id(start_zone.flatten()).max_items(ZONES_OF_A_PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_ZONES_BY_NAME, account.to_string(), &error))?;
            let zones: Vec<_> = output.hosted_zones().iter().filter(|zone| is_it(zone.name())).cloned().collect();
            // It lists from this name on: what follows has other names.
            let next = output.next_dns_name().map(|name| (name.to_owned(), output.next_hosted_zone_id.clone()));
            let more = output.is_truncated() && next.as_ref().is_none_or(|(name, _)| is_it(name));
            Ok((zones, Next::by_flag(more, next)))
        })
        .await
    }

    /// A zone that the call with this reference made, though its answer was lost and the call was sent again.
    async fn made_before(&self, account: &AccountId, name: &DomainName, reference: &str) -> Option<ZoneKey> {
        let zones = self.hosted_zones_named(account, name).await.ok()?;
        let zone = zones.iter().find(|zone| zone.caller_reference() == reference)?;
        Some(ZoneKey { account: account.clone(), zone: zone.id().parse().ok()? })
    }
}

impl HostedZones for Route53 {
    async fn list_zones(&self, account: &AccountId) -> Result<Vec<Zone>, PortError> {
        let client = &self.client(account).await;
        all_pages(LIST_ZONES, account.as_str(), None, async |marker| {
            let output = client.list_hosted_zones().set_marker(marker).max_items(ZONES_OF_A_PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_ZONES, account.to_string(), &error))?;
            let zones = output.hosted_zones().iter().map(|zone| read_zone(LIST_ZONES, account, zone));
            let next = output.next_marker().filter(|marker| !marker.is_empty()).map(ToOwned::to_owned);
            Ok((zones.collect::<Result<Vec<_>, _>>()?, Next::by_flag(output.is_truncated(), next)))
        })
        .await
    }

    async fn zones_named(&self, account: &AccountId, name: &DomainName) -> Result<Vec<Zone>, PortError> {
        let zones = self.hosted_zones_named(account, name).await?;
        zones.iter().map(|zone| read_zone(LIST_ZONES_BY_NAME, account, zone)).collect()
    }

    async fn list_records(&self, key: &ZoneKey, stretch: Stretch<'_>) -> Result<Vec<RecordSet>, PortError> {
        let client = &self.client(&key.account).await;
        let first = match stretch {
            Stretch::Everything => None,
            Stretch::Within(name) | Stretch::At(name) => Some(Position::at(name)),
        };
        all_pages(LIST_RECORDS, &key.to_string(), first, async |start| {
            let call = client.list_resource_record_sets().hosted_zone_id(key.zone.as_str());
            let call = call.max_items(RECORDS_OF_A_PAGE);
            let output = start.map_or(call.clone(), |position: Position| position.begin(call)).send().await;
            let output = output.map_err(|error| port_error(LIST_RECORDS, key.to_string(), &error))?;
            let records = output.resource_record_sets();
            let listed = records.iter().map(|record| read_record(key, record)).collect::<Result<Vec<_>, _>>()?;
            let total = listed.len();
            // Names lie in order: with the first that isn't wanted, those that are wanted are over.
            let wanted: Vec<_> = listed.into_iter().take_while(|record| is_wanted(stretch, &record.name)).collect();
            let more = output.is_truncated() && wanted.len() == total;
            Ok((wanted, Next::by_flag(more, Position::after(&output))))
        })
        .await
    }

    async fn change_records(&self, key: &ZoneKey, changes: &[RecordChange], _: &Permit) -> Result<ChangeId, PortError> {
        let batch = change_batch(changes).map_err(|why| request::unwritable(CHANGE_RECORDS, key, &why))?;
        let call = self.client(&key.account).await.change_resource_record_sets().hosted_zone_id(key.zone.as_str());
        let output = call.change_batch(batch).send().await;
        let output = output.map_err(|error| port_error(CHANGE_RECORDS, key.to_string(), &error))?;
        read_change_id(CHANGE_RECORDS, key, output.change_info())
    }

    async fn is_in_sync(&self, account: &AccountId, change: &ChangeId) -> Result<bool, PortError> {
        let output = self.client(account).await.get_change().id(change.as_str()).send().await;
        let output = output.map_err(|error| port_error(GET_CHANGE, format!("{account}/{change}"), &error))?;
        Ok(output.change_info().is_some_and(|info| *info.status() == types::ChangeStatus::Insync))
    }

    async fn create_zone(
        &self,
        account: &AccountId,
        name: &DomainName,
        comment: &str,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<ZoneKey, PortError> {
        let reference = request::new_reference(name);
        let config = types::HostedZoneConfig::builder().comment(comment).private_zone(true).build();
        let call = self.client(account).await.create_hosted_zone().name(request::written(name));
        let call = call.caller_reference(&reference).hosted_zone_config(config).vpc(vpc_of(vpc));
        match call.send().await {
            Ok(output) => answer::read_zone_key(CREATE_ZONE, account, output.hosted_zone()),
            Err(error) => {
                let error = port_error(CREATE_ZONE, format!("{account}/{name}"), &error);
                let made = match error.code.as_deref() {
                    Some(CONFLICT | MADE_BEFORE) => self.made_before(account, name, &reference).await,
                    _ => None,
                };
                made.ok_or(error)
            }
        }
    }

    async fn replace_comment(&self, key: &ZoneKey, comment: &str, _: &Permit) -> Result<(), PortError> {
        let call = self.client(&key.account).await.update_hosted_zone_comment().id(key.zone.as_str());
        let sent = call.comment(comment).send().await;
        sent.map(|_| ()).map_err(|error| port_error(REPLACE_COMMENT, key.to_string(), &error))
    }

    async fn delete_zone(&self, key: &ZoneKey, _: &Permit) -> Result<(), PortError> {
        let sent = self.client(&key.account).await.delete_hosted_zone().id(key.zone.as_str()).send().await;
        sent.map(|_| ()).map_err(|error| port_error(DELETE_ZONE, key.to_string(), &error))
    }

    async fn associated_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        let output = self.client(&key.account).await.get_hosted_zone().id(key.zone.as_str()).send().await;
        let output = output.map_err(|error| port_error(GET_ZONE, key.to_string(), &error))?;
        output.vpcs().iter().map(|vpc| read_vpc(GET_ZONE, key, vpc)).collect()
    }

    async fn authorized_vpcs(&self, key: &ZoneKey) -> Result<BTreeSet<VpcReference>, PortError> {
        let client = &self.client(&key.account).await;
        let place = key.to_string();
        let vpcs = all_pages(LIST_AUTHORIZED, &place, None, async |token| {
            let call = client.list_vpc_association_authorizations().hosted_zone_id(key.zone.as_str());
            let output = call.set_next_token(token).max_results(AUTHORIZATIONS_OF_A_PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_AUTHORIZED, place.clone(), &error))?;
            let vpcs = output.vpcs().iter().map(|vpc| read_vpc(LIST_AUTHORIZED, key, vpc));
            Ok((vpcs.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        });
        Ok(vpcs.await?.into_iter().collect())
    }

    async fn authorize(&self, key: &ZoneKey, vpc: &VpcReference, _: &Permit) -> Result<(), PortError> {
        let call = self.client(&key.account).await.create_vpc_association_authorization();
        let sent = call.hosted_zone_id(key.zone.as_str()).vpc(vpc_of(vpc)).send().await;
        sent.map(|_| ()).map_err(|error| port_error(AUTHORIZE, format!("{key}/{vpc}"), &error))
    }

    async fn withdraw(&self, key: &ZoneKey, vpc: &VpcReference, _: &Permit) -> Result<(), PortError> {
        let call = self.client(&key.account).await.delete_vpc_association_authorization();
        let sent = call.hosted_zone_id(key.zone.as_str()).vpc(vpc_of(vpc)).send().await;
        unless(NOT_AUTHORIZED, sent.map(|_| ()).map_err(|error| port_error(WITHDRAW, format!("{key}/{vpc}"), &error)))
    }

    async fn associate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        let call = self.client(account).await.associate_vpc_with_hosted_zone();
        let sent = call.hosted_zone_id(key.zone.as_str()).vpc(vpc_of(vpc)).send().await;
        let Err(error) = sent else { return Ok(()) };
        let error = port_error(ASSOCIATE, format!("{key}/{vpc}"), &error);
        // That it is so already is told in the same words as that another zone of the name stands in the way.
        let is_so = error.code.as_deref() == Some(CONFLICT)
            && self.zones_of_vpc(account, vpc).await.is_ok_and(|zones| zones.iter().any(|zone| zone.zone == key.zone));
        if is_so { Ok(()) } else { Err(error) }
    }

    async fn disassociate(
        &self,
        key: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        let call = self.client(account).await.disassociate_vpc_from_hosted_zone();
        let sent = call.hosted_zone_id(key.zone.as_str()).vpc(vpc_of(vpc)).send().await;
        let answer = sent.map(|_| ()).map_err(|error| port_error(DISASSOCIATE, format!("{key}/{vpc}"), &error));
        unless(NOT_ASSOCIATED, answer)
    }

    async fn zones_of_vpc(&self, account: &AccountId, vpc: &VpcReference) -> Result<Vec<VpcZone>, PortError> {
        let client = &self.client(account).await;
        let place = format!("{account}/{vpc}");
        all_pages(LIST_ZONES_OF_VPC, &place, None, async |token| {
            let call =
                client.list_hosted_zones_by_vpc().vpc_id(vpc.vpc.as_str()).vpc_region(vpc.region.as_str().into());
            let output = call.set_next_token(token).max_items(ZONES_OF_A_PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_ZONES_OF_VPC, place.clone(), &error))?;
            let zones = output.hosted_zone_summaries().iter();
            let zones = zones.map(|zone| read_vpc_zone(LIST_ZONES_OF_VPC, &place, zone));
            Ok((zones.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }
}

/// An answer that says that it is so already is as good as one that says it is done.
fn unless(so_already: &str, answer: Result<(), PortError>) -> Result<(), PortError> {
    answer.or_else(|error| if error.code.as_deref() == Some(so_already) { Ok(()) } else { Err(error) })
}
