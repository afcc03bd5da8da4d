//! Amazon EC2: endpoints and the VPCs that they are in, in the consumer's account.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, NetworkInterface, VpcAttributeName};

use self::answer::{
    read_addresses, read_endpoint, read_interface_id, read_offer, read_subnet, read_vpc, region_of_name,
};
use super::{
    error::port_error,
    pages::{Next, all_pages},
    place,
    private_link::{
        Ec2, PAGE,
        answer::{confirmed, filter, read_tags, required},
    },
};
use crate::{
    model::{
        AccountId, Endpoint, EndpointKey, EndpointKind, InterfaceAddress, InterfaceId, Offer, Region, Subnet, Tags,
        Vpc, VpcReference,
    },
    port::{Endpoints, FailureKind, PortError},
    reconcile::Permit,
};

const DESCRIBE_ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
const DESCRIBE_OFFERS: &str = "ec2:DescribeVpcEndpointServices";
const DESCRIBE_VPCS: &str = "ec2:DescribeVpcs";
const DESCRIBE_ATTRIBUTE: &str = "ec2:DescribeVpcAttribute";
const MODIFY_ENDPOINT: &str = "ec2:ModifyVpcEndpoint";
const DESCRIBE_INTERFACES: &str = "ec2:DescribeNetworkInterfaces";
const DESCRIBE_SUBNETS: &str = "ec2:DescribeSubnets";

/// The types of the network interfaces that endpoints have.
///
/// Source: EC2 API reference, `NetworkInterface.InterfaceType`.
const INTERFACES_OF_ENDPOINTS: [&str; 2] = ["vpc_endpoint", "gateway_load_balancer_endpoint"];

/// Most values of one filter.
///
/// Source: EC2 API reference, `DescribeNetworkInterfaces`; EC2 user guide, "List and filter your resources".
const VALUES_OF_A_FILTER: usize = 200;

/// The code for a service that isn't there, or that the account may not see.
const NO_SUCH_SERVICE: &str = "InvalidServiceName";

impl Ec2 {
    async fn describe_endpoints(
        &self,
        account: &AccountId,
        region: &Region,
        filter: &Filter,
    ) -> Result<Vec<Endpoint>, PortError> {
        let client = &self.client(account, region).await;
        all_pages(DESCRIBE_ENDPOINTS, &place(account, region), None, async |token| {
            let call = client.describe_vpc_endpoints().filters(filter.clone()).set_next_token(token);
            let output = call.max_results(PAGE).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_ENDPOINTS, place(account, region), &error))?;
            let endpoints = output.vpc_endpoints().iter();
            let endpoints = endpoints.map(|endpoint| read_endpoint(DESCRIBE_ENDPOINTS, account, region, endpoint));
            Ok((endpoints.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }

    async fn describe_interfaces<T>(
        &self,
        account: &AccountId,
        region: &Region,
        filters: &[Filter],
        read: impl Fn(&NetworkInterface) -> Result<T, PortError>,
    ) -> Result<Vec<(InterfaceId, T)>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let read = &read;
        let mut found = Vec::new();
        for filter in filters {
            let listed = all_pages(DESCRIBE_INTERFACES, here, None, async |token| {
                let call = client.describe_network_interfaces().filters(filter.clone()).set_next_token(token);
                let output = call.max_results(PAGE).send().await;
                let output = output.map_err(|error| port_error(DESCRIBE_INTERFACES, here.clone(), &error))?;
                let interfaces = output
                    .network_interfaces()
                    .iter()
                    .map(|interface| Ok((read_interface_id(DESCRIBE_INTERFACES, here, interface)?, read(interface)?)));
                Ok((interfaces.collect::<Result<Vec<_>, PortError>>()?, Next::by_token(output.next_token())))
            });
            found.extend(listed.await?);
        }
        Ok(found)
    }

    /// The subnets that pass this filter, by id.
    pub(super) async fn describe_subnets(
        &self,
        account: &AccountId,
        region: &Region,
        filter: &Filter,
    ) -> Result<BTreeMap<String, Subnet>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let listed = all_pages(DESCRIBE_SUBNETS, here, None, async |token| {
            let call = client.describe_subnets().filters(filter.clone()).set_next_token(token);
            let output = call.max_results(PAGE).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_SUBNETS, here.clone(), &error))?;
            let subnets = output.subnets().iter().map(|subnet| read_subnet(DESCRIBE_SUBNETS, here, subnet));
            Ok((subnets.collect::<Result<Vec<_>, PortError>>()?, Next::by_token(output.next_token())))
        });
        Ok(listed.await?.into_iter().collect())
    }

    /// Whether an attribute of a VPC is on.
    async fn is_on(
        &self,
        account: &AccountId,
        vpc: &VpcReference,
        attribute: VpcAttributeName,
    ) -> Result<bool, PortError> {
        let call = self.client(account, &vpc.region).await.describe_vpc_attribute().vpc_id(vpc.vpc.as_str());
        let output = call.attribute(attribute).send().await;
        let output = output.map_err(|error| port_error(DESCRIBE_ATTRIBUTE, format!("{account}/{vpc}"), &error))?;
        let values = [output.enable_dns_support(), output.enable_dns_hostnames()];
        Ok(values.into_iter().flatten().any(|value| value.value() == Some(true)))
    }
}

/// Filters on one of these ids; none where there are no ids, which would match everything.
fn filters<T: ToString>(name: &str, ids: &BTreeSet<T>) -> Vec<Filter> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let filters = ids.chunks(VALUES_OF_A_FILTER);
    filters.map(|ids| Filter::builder().name(name).set_values(Some(ids.to_vec())).build()).collect()
}

impl Endpoints for Ec2 {
    async fn list_endpoints(&self, account: &AccountId, region: &Region) -> Result<Vec<Endpoint>, PortError> {
        let kinds = [EndpointKind::Interface, EndpointKind::GatewayLoadBalancer].map(|kind| kind.to_string());
        let with_interfaces = Filter::builder().name("vpc-endpoint-type").set_values(Some(kinds.into())).build();
        self.describe_endpoints(account, region, &with_interfaces).await
    }

    async fn list_interfaces(
        &self,
        account: &AccountId,
        region: &Region,
        wanted: Option<&BTreeSet<InterfaceId>>,
    ) -> Result<BTreeMap<InterfaceId, Tags>, PortError> {
        let filters = match wanted {
            None => {
                let types = Filter::builder().name("interface-type");
                vec![types.set_values(Some(INTERFACES_OF_ENDPOINTS.map(ToOwned::to_owned).into())).build()]
            }
            Some(wanted) => filters("network-interface-id", wanted),
        };
        let tags = |interface: &NetworkInterface| Ok(read_tags(interface.tag_set()));
        Ok(self.describe_interfaces(account, region, &filters, tags).await?.into_iter().collect())
    }

    async fn interface_addresses(
        &self,
        account: &AccountId,
        region: &Region,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeMap<InterfaceId, InterfaceAddress>, PortError> {
        let here = &place(account, region);
        let read = |interface: &NetworkInterface| {
            let subnet = required(DESCRIBE_INTERFACES, here, "SubnetId", interface.subnet_id())?;
            Ok((subnet.to_owned(), read_addresses(DESCRIBE_INTERFACES, here, interface)?))
        };
        let wanted = filters("network-interface-id", interfaces);
        let found = self.describe_interfaces(account, region, &wanted, read).await?;
        let subnet_ids: BTreeSet<&String> = found.iter().map(|(_, (subnet, _))| subnet).collect();
        let mut subnets = BTreeMap::new();
        for filter in filters("subnet-id", &subnet_ids) {
            subnets.extend(self.describe_subnets(account, region, &filter).await?);
        }
        // A subnet goes after the interfaces in it: where it is gone by now, these are.
        let addresses = found.into_iter().filter_map(|(id, (subnet, (ipv4, ipv6)))| {
            let zone_id = subnets.get(&subnet)?.zone_id.clone();
            Some((id, InterfaceAddress { zone_id, ipv4, ipv6 }))
        });
        Ok(addresses.collect())
    }

    async fn describe_endpoint(&self, key: &EndpointKey) -> Result<Option<Endpoint>, PortError> {
        // By filter: an id that isn't there gives an empty list and no error.
        let this = filter("vpc-endpoint-id", key.endpoint.as_str());
        let endpoints = self.describe_endpoints(&key.account, &key.region, &this).await?;
        Ok(endpoints.into_iter().find(|endpoint| endpoint.key == *key))
    }

    async fn describe_offer(
        &self,
        account: &AccountId,
        region: &Region,
        service_name: &str,
    ) -> Result<Option<Offer>, PortError> {
        // By name: a listing leaves out services that one has to know the name of.
        let call = self.client(account, region).await.describe_vpc_endpoint_services().service_names(service_name);
        let elsewhere = region_of_name(service_name).filter(|home| home != region);
        let output = call.set_service_regions(elsewhere.map(|home| vec![home.as_str().to_owned()])).send().await;
        let place = format!("{}/{service_name}", place(account, region));
        match output.map_err(|error| port_error(DESCRIBE_OFFERS, place, &error)) {
            Ok(output) => {
                let named = output.service_details().iter().find(|detail| detail.service_name() == Some(service_name));
                Ok(named.map(read_offer))
            }
            Err(error) if error.code.as_deref() == Some(NO_SUCH_SERVICE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list_vpcs(&self, account: &AccountId, region: &Region) -> Result<Vec<Vpc>, PortError> {
        let client = &self.client(account, region).await;
        let here = place(account, region);
        let vpcs = all_pages(DESCRIBE_VPCS, &here, None, async |token| {
            let output = client.describe_vpcs().set_next_token(token).max_results(PAGE).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_VPCS, place(account, region), &error))?;
            let vpcs = output.vpcs().iter().map(|vpc| read_vpc(DESCRIBE_VPCS, account, region, vpc));
            Ok((vpcs.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        });
        // VPCs of others that are shared with the account are listed, too.
        Ok(vpcs.await?.into_iter().filter(|vpc| vpc.account == *account).collect())
    }

    async fn resolves_private_names(&self, account: &AccountId, vpc: &VpcReference) -> Result<Option<bool>, PortError> {
        for attribute in [VpcAttributeName::EnableDnsSupport, VpcAttributeName::EnableDnsHostnames] {
            match self.is_on(account, vpc, attribute).await {
                Ok(true) => {}
                Ok(false) => return Ok(Some(false)),
                Err(error) if error.kind == FailureKind::Gone => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(true))
    }

    async fn enable_private_dns(&self, key: &EndpointKey, _: &Permit) -> Result<(), PortError> {
        let client = self.client(&key.account, &key.region).await;
        let call = client.modify_vpc_endpoint().vpc_endpoint_id(key.endpoint.as_str()).private_dns_enabled(true);
        let output = call.send().await.map_err(|error| port_error(MODIFY_ENDPOINT, key.to_string(), &error))?;
        confirmed(MODIFY_ENDPOINT, key.to_string(), output.r#return())
    }
}
