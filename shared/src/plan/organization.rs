//! Who is concerned when an account changes: the services that it has connections to. They are sent for review; what becomes
//! of them is decided there.

use std::{collections::BTreeSet, fmt};

use super::{About, Decision, Outcome, Plan, reason};
use crate::model::{AccountId, Region, ServiceId};

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An account, and a place where it may have connections.
    Account(Place),
    /// The Organization, in a way that names no account.
    Organization,
}

/// A place where an account may have connections.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account that has changed.
    pub owner: AccountId,
    /// The provider's account.
    pub account: AccountId,
    /// The provider's Region.
    pub region: Region,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(Place { owner, account, region }) => write!(formatter, "{owner} at {account}/{region}"),
            Self::Organization => formatter.write_str("the Organization"),
        }
    }
}

/// One question to those who decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Asks for a review of the services that an account is connected to.
    Review(Place, BTreeSet<ServiceId>),
    /// Asks for a sweep.
    Sweep,
}

/// Decides whom to ask about, given the services at the key's place that the account is connected to.
#[must_use]
pub fn plan(key: &Key, services: &BTreeSet<ServiceId>) -> Plan<Step> {
    let mut plan = Plan::default();
    match key {
        Key::Organization => {
            let about = About { subject: "the Organization".to_owned(), ..About::default() };
            let decision = Decision { about, ..Decision::new(Outcome::Review, reason::ORGANIZATION_CHANGED) };
            plan.steps.push((Step::Sweep, decision));
        }
        Key::Account(_) if services.is_empty() => {}
        Key::Account(place) => {
            let names: Vec<&str> = services.iter().map(ServiceId::as_str).collect();
            let mut about = About { subject: format!("account {}", place.owner), ..About::default() };
            about.fields.insert("account", place.account.to_string());
            about.fields.insert("region", place.region.to_string());
            about.fields.insert("endpoint_owner", place.owner.to_string());
            let decision = Decision {
                about,
                detail: Some(format!("connected to {}", names.join(" "))),
                ..Decision::new(Outcome::Review, reason::ACCOUNT_CHANGED)
            };
            plan.steps.push((Step::Review(place.clone(), services.clone()), decision));
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_the_account_are_reviewed_and_none_when_it_has_none() {
        let place = Place {
            owner: "444444444444".parse().unwrap(),
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
        };
        let key = Key::Account(place.clone());
        let services = BTreeSet::from(["vpce-svc-0a1b2c3d4e5f60718".parse().unwrap()]);
        let steps: Vec<Step> = plan(&key, &services).steps.into_iter().map(|(step, _)| step).collect();
        assert_eq!(steps, [Step::Review(place, services)]);
        assert_eq!(plan(&key, &BTreeSet::new()), Plan::default());
    }

    #[test]
    fn change_that_names_no_account_asks_for_a_sweep() {
        let steps: Vec<Step> =
            plan(&Key::Organization, &BTreeSet::new()).steps.into_iter().map(|(step, _)| step).collect();
        assert_eq!(steps, [Step::Sweep]);
    }

    #[test]
    fn review_is_told_with_the_account_that_changed_and_the_services_it_is_connected_to() {
        let place = Place {
            owner: "444444444444".parse().unwrap(),
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
        };
        let key = Key::Account(place);
        assert_eq!(key.to_string(), "444444444444 at 222222222222/eu-west-1");
        let services = ["vpce-svc-0a1b2c3d4e5f60718", "vpce-svc-1a1b2c3d4e5f60718"].map(|id| id.parse().unwrap());
        let (_, decision) = plan(&key, &services.into()).steps.remove(0);
        let fields = [("account", "222222222222"), ("endpoint_owner", "444444444444"), ("region", "eu-west-1")];
        let about = About {
            subject: "account 444444444444".to_owned(),
            fields: fields.map(|(name, value)| (name, value.to_owned())).into(),
            resource: String::new(),
        };
        assert_eq!(decision.about, about);
        let connected = "connected to vpce-svc-0a1b2c3d4e5f60718 vpce-svc-1a1b2c3d4e5f60718";
        assert_eq!((decision.outcome, decision.detail.as_deref()), (Outcome::Review, Some(connected)));
        assert_eq!(Key::Organization.to_string(), "the Organization");
        let (_, decision) = plan(&Key::Organization, &BTreeSet::new()).steps.remove(0);
        assert_eq!(decision.about.subject, "the Organization");
    }
}
