//! What a Network Load Balancer sends connections to.

use std::{collections::BTreeSet, fmt, net::IpAddr};

use super::Tags;

/// A target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// `ip`, `instance`, `alb` or `lambda`.
    pub target_type: String,
    /// The port of targets that bring none.
    pub port: Option<u16>,
    /// Whether its targets are addresses of the sixth version.
    pub is_ipv6: bool,
    /// The VPC of its targets.
    pub vpc: Option<String>,
    /// The load balancers that send to it.
    pub load_balancers: BTreeSet<String>,
    /// Whether targets in other Availability Zones are sent to; `None` where the load balancer decides.
    pub crosses_zones: Option<bool>,
    /// Its tags.
    pub tags: Tags,
}

/// A target: an address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::net::SocketAddr::new(self.address, self.port).fmt(formatter)
    }
}

/// How a target is.
///
/// Source: Elastic Load Balancing API reference, `TargetHealth`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetState {
    /// It is being registered, or checked for the first time.
    Initial,
    /// It answers.
    Healthy,
    /// It doesn't.
    Unhealthy,
    /// It is being deregistered: it finishes what it has.
    Draining,
    /// Nothing is sent to it: no load balancer has the group, or not in the target's Availability Zone.
    Unused,
    /// It can't be told, or AWS has added a word since.
    Other(String),
}

impl TargetState {
    /// Reads the word that AWS sent.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let known = [Self::Initial, Self::Healthy, Self::Unhealthy, Self::Draining, Self::Unused];
        known.into_iter().find(|state| state.as_str() == word).unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    /// The word that AWS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Draining => "draining",
            Self::Unused => "unused",
            Self::Other(word) => word,
        }
    }
}

/// Where a load balancer takes connections, and where it sends them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancerZones {
    /// The names of its Availability Zones.
    pub zones: BTreeSet<String>,
    /// Whether it sends to targets in other Availability Zones.
    pub crosses_zones: bool,
}

/// A subnet, as far as it tells in which Availability Zone an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// The name of its Availability Zone.
    pub zone: String,
    /// The id of its Availability Zone, which is the same in all accounts.
    pub zone_id: String,
    /// Its addresses, in CIDR notation, of both versions.
    pub blocks: Vec<String>,
}

impl Subnet {
    /// Whether an address is one of the subnet's.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        self.blocks.iter().any(|block| block_holds(block, address).unwrap_or(false))
    }
}

/// Whether a block in CIDR notation has an address; `None` when it is none.
fn block_holds(block: &str, address: IpAddr) -> Option<bool> {
    let (start, length) = block.split_once('/')?;
    let (start, length): (IpAddr, u32) = (start.parse().ok()?, length.parse().ok()?);
    match (start, address) {
        (IpAddr::V4(start), IpAddr::V4(address)) => {
            let unused = 32u32.checked_sub(length)?;
            let head = |bits: u32| bits.checked_shr(unused).unwrap_or(0);
            Some(head(start.to_bits()) == head(address.to_bits()))
        }
        (IpAddr::V6(start), IpAddr::V6(address)) => {
            let unused = 128u32.checked_sub(length)?;
            let head = |bits: u128| bits.checked_shr(unused).unwrap_or(0);
            Some(head(start.to_bits()) == head(address.to_bits()))
        }
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_has_the_addresses_that_begin_like_it() {
        let holds = |block: &str, address: &str| block_holds(block, address.parse().unwrap());
        assert_eq!(holds("10.0.1.0/24", "10.0.1.255"), Some(true));
        assert_eq!(holds("10.0.1.0/24", "10.0.2.0"), Some(false));
        assert_eq!(holds("0.0.0.0/0", "203.0.113.1"), Some(true));
        assert_eq!(holds("2001:db8:1::/64", "2001:db8:1::5"), Some(true));
        assert_eq!(holds("2001:db8:1::/64", "2001:db8:2::5"), Some(false));
        assert_eq!(holds("10.0.0.0/8", "2001:db8::1"), Some(false));
        for wrong in ["10.0.0.0", "10.0.0.0/33", "ten/8", "10.0.0.0/-1"] {
            assert_eq!(holds(wrong, "10.0.0.1"), None, "{wrong}");
        }
    }

    #[test]
    fn state_is_read_as_aws_writes_it() {
        assert_eq!(TargetState::parse("draining"), TargetState::Draining);
        assert_eq!(TargetState::parse("unhealthy.draining").as_str(), "unhealthy.draining");
    }
}
