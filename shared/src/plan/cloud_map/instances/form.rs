//! What an endpoint is as instances of a Cloud Map service: that follows the records of the service.

use std::collections::BTreeMap;

use super::{ACCOUNT, ENDPOINT, OWNER, REGION, names::Wish};
use crate::model::{
    Attributes, CloudMapService, DeploymentId, InterfaceAddress, InterfaceId,
    cloud_map::{CNAME, IPV4, IPV6, PORT},
};

/// An endpoint and the service that it is to be an instance of.
#[derive(Debug)]
pub(super) struct Form<'a> {
    pub service: &'a CloudMapService,
    pub wish: &'a Wish<'a>,
    pub addresses: &'a BTreeMap<InterfaceId, InterfaceAddress>,
    pub deployment: &'a DeploymentId,
}

impl Form<'_> {
    /// The instances by id, and what can't be one and why: one by name where the service has `CNAME` records, else one for each
    /// network interface.
    pub(super) fn instances(&self) -> (BTreeMap<String, Attributes>, Vec<String>) {
        let endpoint = self.wish.endpoint;
        if self.service.records.contains("CNAME") {
            let Some(entry) = endpoint.regional_name() else {
                return (BTreeMap::new(), vec!["it has no name in DNS yet".to_owned()]);
            };
            let mut attributes = self.attributes();
            attributes.insert(CNAME.to_owned(), entry.name.to_string());
            return (BTreeMap::from([(endpoint.key.endpoint.to_string(), attributes)]), Vec::new());
        }
        let mut lacking = Vec::new();
        let mut instances = BTreeMap::new();
        for interface in &endpoint.interfaces {
            let address = self.addresses.get(interface).ok_or_else(|| format!("{interface} can't be found"));
            match address.and_then(|address| self.instance(interface, address)) {
                Ok((id, attributes)) => drop(instances.insert(id, attributes)),
                Err(why) => lacking.push(why),
            }
        }
        if endpoint.interfaces.is_empty() {
            lacking.push("it has no network interface yet".to_owned());
        }
        (instances, lacking)
    }

    /// Whether what isn't known may be what stands.
    pub(super) fn is_unclear(&self) -> bool {
        !self.instances().1.is_empty()
    }

    fn instance(&self, interface: &InterfaceId, address: &InterfaceAddress) -> Result<(String, Attributes), String> {
        let records = &self.service.records;
        let mut attributes = self.attributes();
        let mut add = |kind: &str, key: &str, address: Option<String>| match address {
            Some(address) if records.is_empty() || records.contains("SRV") || records.contains(kind) => {
                attributes.insert(key.to_owned(), address);
                Ok(())
            }
            None if records.contains(kind) => {
                Err(format!("{} has {kind} records, and {interface} no such address", self.service.name))
            }
            _ => Ok(()),
        };
        add("A", IPV4, address.ipv4.map(|address| address.to_string()))?;
        add("AAAA", IPV6, address.ipv6.map(|address| address.to_string()))?;
        if !attributes.contains_key(IPV4) && !attributes.contains_key(IPV6) {
            return Err(format!("{interface} has no address"));
        }
        match self.wish.registration.port {
            Some(port) => drop(attributes.insert(PORT.to_owned(), port.to_string())),
            None if records.contains("SRV") => {
                return Err(format!(
                    "{} has SRV records, which need a port; say it as in {}:443",
                    self.service.name, self.wish.registration.name
                ));
            }
            None => {}
        }
        attributes.insert("availability-zone-id".to_owned(), address.zone_id.clone());
        // Where there are `SRV` records, Cloud Map makes a host name of it.
        Ok((format!("{}-{}", self.wish.endpoint.key.endpoint, address.zone_id), attributes))
    }

    /// What is told of all instances of an endpoint.
    fn attributes(&self) -> Attributes {
        let (endpoint, registration) = (self.wish.endpoint, &self.wish.registration);
        let mut attributes = Attributes::from([
            (OWNER.to_owned(), self.deployment.to_string()),
            (ENDPOINT.to_owned(), endpoint.key.endpoint.to_string()),
            (ACCOUNT.to_owned(), endpoint.key.account.to_string()),
            (REGION.to_owned(), endpoint.key.region.to_string()),
            ("service-name".to_owned(), endpoint.service_name.clone()),
        ]);
        let name = endpoint.regional_name().map(|entry| entry.name.to_string());
        let port = registration.port.map(|port| port.to_string());
        let protocol = registration.protocol.map(|protocol| protocol.as_str().to_owned());
        let told = [("endpoint-name", name), ("port", port), ("protocol", protocol)];
        attributes.extend(told.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        attributes
    }
}
