//! Which endpoints are found in Cloud Map, and which targets follow it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Configuration;

/// What is done about Cloud Map.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CloudMapping {
    /// What becomes of endpoints of the consumers.
    #[serde(default)]
    pub endpoints: RegisterEndpoints,
    /// The key of the tag that has an endpoint registered, its value the name of the Cloud Map service, and if need be port and
    /// protocol: `payments`, `payments:443`, `payments:443/tcp`. On a target group it is the ARN of the Cloud Map service that
    /// its targets follow.
    #[serde(default = "default_tag_key")]
    #[schemars(length(min = 1, max = 128))]
    pub tag_key: String,
    /// The name of the namespace in which endpoints are registered: that of their own account and Region, or one that is shared
    /// with it.
    #[serde(default)]
    #[schemars(
        regex(pattern = r"^[!-~]{1,253}$"),
        title = "the name of a namespace, 1 to 253 characters without blanks"
    )]
    pub namespace: Option<String>,
    /// What is made where it isn't there.
    #[serde(default)]
    pub make: MakeInCloudMap,
    /// The Cloud Map services of endpoints that carry no tag, by the name of the endpoint service that they lead to.
    #[serde(default)]
    pub services: BTreeMap<String, Registration>,
    /// What becomes of target groups that carry the tag.
    #[serde(default)]
    pub targets: ManagedTargets,
    /// Whether endpoint services that are looked after are offered in each Availability Zone that their load balancers are in. AWS
    /// takes a new one up only when it is asked to.
    #[serde(default)]
    pub take_up_zones: bool,
    /// Most instances, targets and services of Cloud Map that one run may take away. When there are more, it takes away none, and a
    /// person is asked.
    #[serde(default = "default_most")]
    pub most_removals: u32,
}

impl Default for CloudMapping {
    fn default() -> Self {
        Self {
            endpoints: RegisterEndpoints::default(),
            tag_key: default_tag_key(),
            namespace: None,
            make: MakeInCloudMap::default(),
            services: BTreeMap::new(),
            targets: ManagedTargets::default(),
            take_up_zones: false,
            most_removals: default_most(),
        }
    }
}

fn default_tag_key() -> String {
    "drawbridge:cloud-map".to_owned()
}

fn default_most() -> u32 {
    10
}

/// What becomes of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterEndpoints {
    /// Nothing, and nothing is looked at.
    #[default]
    None,
    /// Nothing; what was made before is taken away.
    Remove,
    /// Those that carry the tag, or lead to one of `services`, are instances of Cloud Map services.
    Register,
}

/// What is made where it isn't there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MakeInCloudMap {
    /// Nothing.
    #[default]
    Nothing,
    /// Services in a namespace that is there.
    Services,
    /// These, and a namespace whose instances are found by API alone.
    HttpNamespace,
    /// These, and a namespace whose instances are found in the VPC of the first endpoint, too, by a private hosted zone.
    PrivateDnsNamespace,
}

/// What becomes of target groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManagedTargets {
    /// Nothing, and nothing is looked at.
    #[default]
    None,
    /// The targets of those that carry the tag are the healthy instances of the Cloud Map service that it names.
    Tagged,
}

/// As what an endpoint is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Registration {
    /// The name of the Cloud Map service.
    #[schemars(
        regex(pattern = r"^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,125}[a-zA-Z0-9_])?$"),
        title = "the name of a Cloud Map service, 1 to 127 letters, digits, dots, hyphens and underscores"
    )]
    pub name: String,
    /// The port at which the endpoint answers.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// What it speaks there.
    #[serde(default)]
    pub protocol: Option<Protocol>,
}

/// What a listener of a Network Load Balancer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// UDP.
    Udp,
    /// Both TCP and UDP.
    TcpUdp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Tls, Self::Udp, Self::TcpUdp];

    /// The word of the configuration and of the attribute.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Udp => "udp",
            Self::TcpUdp => "tcpudp",
        }
    }
}

impl Registration {
    /// Reads the value of a tag: `payments`, `payments:443`, `payments:443/tcp`.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "the name of a Cloud Map service, if need be with port and protocol (tcp, tls, udp, tcpudp), such as \
             payments, payments:443 or payments:443/tcp";
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        let (port, protocol) = match rest.map(|rest| rest.split_once('/').map_or((rest, None), |(a, b)| (a, Some(b)))) {
            Some((port, protocol)) => (Some(port), protocol),
            None => (None, None),
        };
        let port = port.map(str::parse::<u16>).transpose().map_err(|_| EXPECTED)?.filter(|port| *port > 0);
        let known = |word: &str| Protocol::ALL.into_iter().find(|protocol| protocol.as_str() == word);
        let protocol = protocol.map(|word| known(word).ok_or(EXPECTED)).transpose()?;
        if !is_service_name(name) || (rest.is_some() && port.is_none()) {
            return Err(EXPECTED);
        }
        Ok(Self { name: name.to_owned(), port, protocol })
    }
}

/// Source: Cloud Map API reference, `Name` of `CreateService`; the stricter form of DNS, for every namespace.
fn is_service_name(name: &str) -> bool {
    let is_edge = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric() || char == '_');
    let is_inner = |char: char| char.is_ascii_alphanumeric() || "_.-".contains(char);
    name.len() <= 127 && is_edge(name.chars().next()) && is_edge(name.chars().last()) && name.chars().all(is_inner)
}

impl Configuration {
    /// What of Cloud Map doesn't fit together: where, and why.
    pub(super) fn check_cloud_map(&self) -> Option<(String, String)> {
        let mapping = &self.cloud_map;
        if mapping.endpoints == RegisterEndpoints::None || mapping.namespace.is_some() {
            return None;
        }
        let message = "cloud-map.namespace: missing; say in which namespace endpoints are registered, or were";
        Some(("/cloud-map".to_owned(), message.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_names_a_service_and_may_name_port_and_protocol() {
        let parse = |text: &str| Registration::parse(text).map(|found| (found.name, found.port, found.protocol));
        assert_eq!(parse("payments"), Ok(("payments".to_owned(), None, None)));
        assert_eq!(parse("a.b_c-d:443"), Ok(("a.b_c-d".to_owned(), Some(443), None)));
        assert_eq!(parse("payments:53/udp"), Ok(("payments".to_owned(), Some(53), Some(Protocol::Udp))));
        for wrong in [
            "",
            ":443",
            "payments:",
            "payments:0",
            "payments:65536",
            "payments:443/",
            "payments:443/http",
            "a b",
            "-a",
            "a.",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse(&"a".repeat(127)).is_ok() && parse(&"a".repeat(128)).is_err());
    }

    #[test]
    fn protocol_is_written_as_the_configuration_reads_it() {
        for protocol in Protocol::ALL {
            assert_eq!(serde_json::from_value::<Protocol>(protocol.as_str().into()).unwrap(), protocol);
        }
    }
}
