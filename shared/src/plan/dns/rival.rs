//! What answers for a name in a VPC already, so that the name can't lead elsewhere there.

use crate::model::{DomainName, ForwardingRule, ProfileId, VpcReference, VpcZone, ZoneId, ZoneOwner};

/// What answers for a name in a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// A private zone that answers there.
    Zone(VpcZone),
    /// A private zone that a Profile brings there. One that is associated with the VPC itself wins over it.
    InProfile {
        /// Its name.
        name: DomainName,
        /// The zone.
        zone: ZoneId,
        /// The Profile.
        profile: ProfileId,
    },
    /// A rule by which the VPC asks elsewhere. It wins over a private zone of the same name.
    Rule(ForwardingRule),
}

impl Rival {
    /// The name that it answers for, and what is below.
    #[must_use]
    pub fn name(&self) -> &DomainName {
        match self {
            Self::Zone(zone) => &zone.name,
            Self::InProfile { name, .. } => name,
            Self::Rule(rule) => &rule.domain,
        }
    }

    /// What it is and what would remove it, as a sentence.
    #[must_use]
    pub fn describe(&self, vpc: &VpcReference) -> String {
        match self {
            Self::Zone(zone) => {
                let whose = match &zone.owner {
                    ZoneOwner::Account(account) => format!("of account {account}"),
                    ZoneOwner::Service(service) => {
                        format!("that {service} made, such as for an endpoint with private DNS")
                    }
                };
                let zone = &zone.zone;
                format!(
                    "{zone} {whose} answers for the name in {vpc} already: remove its association, or leave the VPC out"
                )
            }
            Self::InProfile { zone, profile, .. } => format!(
                "{zone} answers for the name in {vpc} by the Profile {profile}: take it out of the Profile, or leave the VPC out"
            ),
            Self::Rule(rule) => format!(
                "the forwarding rule {} has {vpc} ask elsewhere for the name: disassociate it, or leave the VPC out",
                rule.id
            ),
        }
    }
}

/// The first of these that answers for exactly this name. Names above and below it are no conflict: the longest wins.
#[must_use]
pub fn of_name<'a>(rivals: &'a [Rival], name: &DomainName) -> Option<&'a Rival> {
    rivals.iter().find(|rival| rival.name() == name)
}
