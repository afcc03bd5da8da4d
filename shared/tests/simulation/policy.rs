//! Policies, and what each says by the simulation's own reckoning.

use drawbridge::model::{Account, AccountId, EndpointService};

use super::cast::{ORGANIZATION, PARTNER, UNITS};

/// A policy of a kind that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// All members.
    Members,
    /// The members in one unit.
    Unit(usize),
    /// All members, but one unit is forbidden.
    MembersButUnit(usize),
    /// All members, and an account outside.
    MembersAndPartner,
    /// The members with an account tag.
    Production,
    /// The members, at services with a tag.
    Gold,
    /// So many connections of each member.
    Quota(usize),
    /// All members, and more than so many connections are forbidden.
    Ceiling(usize),
    /// One that fails for an account's third connection, and permits anybody the second.
    Fragile,
    /// Nobody there is.
    Nobody,
}

pub const POLICIES: [Policy; 12] = [
    Policy::Members,
    Policy::Members,
    Policy::Unit(0),
    Policy::MembersButUnit(1),
    Policy::MembersAndPartner,
    Policy::Production,
    Policy::Gold,
    Policy::Quota(1),
    Policy::Quota(2),
    Policy::Ceiling(2),
    Policy::Fragile,
    Policy::Nobody,
];

/// An account that there is none of.
const NOBODY: &str = "000000000000";

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Permit,
    Forbid,
    Nothing,
    /// It fails.
    Error,
}

impl Policy {
    /// The document.
    pub fn text(self) -> String {
        let members = format!(
            "@id(\"members\") permit (principal in Drawbridge::Organization::\"{ORGANIZATION}\", action, resource)"
        );
        let unit = |index: usize| format!("principal in Drawbridge::OrganizationalUnit::\"{}\"", UNITS[index]);
        match self {
            Self::Members => format!("{members};"),
            Self::Unit(index) => format!("@id(\"unit\") @reason(\"UNIT\") permit ({}, action, resource);", unit(index)),
            Self::MembersButUnit(index) => {
                format!("{members}; @id(\"no\") @reason(\"SANDBOX\") forbid ({}, action, resource);", unit(index))
            }
            Self::MembersAndPartner => format!(
                "{members}; @id(\"partner\") permit (principal == Drawbridge::Account::\"{PARTNER}\", action, resource);"
            ),
            Self::Production => format!(
                "{members} when {{ principal.hasTag(\"stage\") && principal.getTag(\"stage\") == \"production\" }};"
            ),
            Self::Gold => {
                format!("{members} when {{ resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\" }};")
            }
            Self::Quota(most) => format!("{members} when {{ context.connections < {most} }};"),
            Self::Ceiling(most) => format!(
                "{members}; @id(\"ceiling\") forbid (principal, action, resource) when {{ context.connections >= {most} }};"
            ),
            Self::Fragile => format!(
                "{members}; @id(\"fragile\") permit (principal, action, resource)
                 when {{ context.connections * 9223372036854775807 > 5 }};"
            ),
            Self::Nobody => {
                format!("@id(\"nobody\") permit (principal == Drawbridge::Account::\"{NOBODY}\", action, resource);")
            }
        }
    }

    /// What it says of an account that has this many connections before the one that is asked about.
    pub fn says(self, service: &EndpointService, owner: &AccountId, member: Option<&Account>, before: usize) -> Word {
        let permit = |permitted: bool| if permitted { Word::Permit } else { Word::Nothing };
        let in_unit = |index: usize| {
            member.is_some_and(|member| member.path.parents.iter().any(|parent| parent.as_str() == UNITS[index]))
        };
        match self {
            Self::Unit(index) => permit(in_unit(index)),
            Self::MembersButUnit(index) if in_unit(index) => Word::Forbid,
            Self::MembersAndPartner => permit(member.is_some() || owner.as_str() == PARTNER),
            Self::Production => {
                permit(member.is_some_and(|member| member.tags.get("stage").is_some_and(|stage| stage == "production")))
            }
            Self::Gold => permit(member.is_some() && service.tags.get("tier").is_some_and(|tier| tier == "gold")),
            Self::Quota(most) => permit(member.is_some() && before < most),
            Self::Ceiling(most) if before >= most => Word::Forbid,
            Self::Members | Self::MembersButUnit(_) | Self::Ceiling(_) => permit(member.is_some()),
            Self::Fragile if before > 1 => Word::Error,
            Self::Fragile => permit(member.is_some() || before == 1),
            Self::Nobody => permit(owner.as_str() == NOBODY),
        }
    }
}
