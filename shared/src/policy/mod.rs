//! What operators decide: the configuration and the acceptance policy, read once and checked as a whole.
//!
//! Two documents belong together: `drawbridge.yaml`, which says what to look after and how, and `acceptance.cedar`, which
//! says who may connect. [`Rules::parse`] takes both or neither, and reports every fault of both at once.

mod acceptance;
mod alarms;
mod alternative;
mod cedar;
mod cloud_map;
mod configuration;
mod consumers;
mod dns;
mod dns_policy;
mod fault;
mod mentions;
mod mode;
mod period;
mod tagging;
mod template;
mod violation;
mod yaml;

pub use acceptance::{Acceptance, Determining, Question, Verdict};
pub use alarms::{
    AlarmPlace, AlarmProfile, AlarmScope, Alarming, Definition, EndpointAlarms, Judgement, ProfileSettings,
    SelectEndpoints, ServiceAlarms, Setting, Severity, Topics,
};
pub use alternative::{Alternative, alternatives};
pub use cloud_map::{CloudMapping, MakeInCloudMap, ManagedTargets, Protocol, RegisterEndpoints, Registration};
pub use configuration::{
    AllowedPrincipals, Configuration, ManagePrincipals, MembershipMemory, Providers, Requests, Revocation,
    RevocationCase, Select, Services, TagFilter,
};
pub use consumers::Consumers;
pub use dns::{Dns, Names, PrivateNames, SelectNames, Verification, VpcSelection};
pub use dns_policy::DnsPolicy;
pub use fault::{Fault, Faults};
pub use mentions::Mentions;
pub use mode::{FunctionName, Mode};
pub use period::Period;
pub use tagging::{Overwrite, TagPolicies, TagRule, Tagging};
pub use template::{AccountField, CreatorField, Field, Part, Template};

use jiff::Timestamp;

use crate::model::OrganizationId;

/// Name of the configuration document: file name, and name of the `AppConfig` profile.
pub const CONFIGURATION_DOCUMENT: &str = "drawbridge.yaml";
/// Name of the policy document: file name, and name of the `AppConfig` profile.
pub const ACCEPTANCE_DOCUMENT: &str = "acceptance.cedar";

/// One consistent version of both documents.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What to look after, and how.
    pub configuration: Configuration,
    /// Who may connect.
    pub acceptance: Acceptance,
}

impl Rules {
    /// Reads and checks both documents.
    ///
    /// # Errors
    /// Every fault of both documents, each with line and column.
    pub fn parse(configuration: &str, acceptance: &str) -> Result<Self, Faults> {
        Self::of(Configuration::parse(configuration), Acceptance::parse(acceptance))
    }

    /// Takes both documents as they were read, or neither.
    ///
    /// # Errors
    /// Every fault of both.
    pub fn of(
        configuration: Result<Configuration, Faults>,
        acceptance: Result<Acceptance, Faults>,
    ) -> Result<Self, Faults> {
        match (configuration, acceptance) {
            (Ok(configuration), Ok(acceptance)) => Ok(Self { configuration, acceptance }),
            (Err(faults), Ok(_)) | (Ok(_), Err(faults)) => Err(faults),
            (Err(mut faults), Err(more)) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// What is allowed, and most likely not meant.
    #[must_use]
    pub fn findings(&self, now: Timestamp) -> Vec<String> {
        let organization = &self.configuration.organization;
        let other = |named: &OrganizationId| {
            (named != organization).then(|| {
                format!("a policy speaks of {named}, but {CONFIGURATION_DOCUMENT} of {organization}: nobody is in the former")
            })
        };
        let others = self.acceptance.mentions().organizations.iter().filter_map(other);
        let everybody = self.acceptance.permits_everybody(&self.configuration.providers.regions, now);
        let exact = self.configuration.principals.manage == ManagePrincipals::Exact;
        let kept = (exact && self.acceptance.mentions().endpoint()).then(|| {
            "principals.manage is exact, but the policies ask for the endpoint: no principal is removed".to_owned()
        });
        let alarms = self.configuration.doubts_of_alarms();
        everybody.into_iter().chain(others).chain(kept).chain(alarms).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
        providers: {accounts: ['222222222222'], regions: [eu-west-1]}, principals: {manage: MANAGE}}";

    #[test]
    fn what_is_most_likely_not_meant_is_found() {
        let findings = |manage: &str, condition: &str| {
            let policy = format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};");
            let rules = Rules::parse(&CONFIGURATION.replace("MANAGE", manage), &policy).unwrap();
            rules.findings(Timestamp::UNIX_EPOCH)
        };
        let members = "principal in Drawbridge::Organization::\"o-a1b2c3d4e5\"";
        let with_endpoint = &format!("{members} && !context.crossRegion");
        let kept = "principals.manage is exact, but the policies ask for the endpoint: no principal is removed";
        assert_eq!(findings("exact", with_endpoint), [kept]);
        assert_eq!(findings("add", with_endpoint), [] as [&str; 0]);
        assert_eq!(findings("exact", members), [] as [&str; 0]);
        let everybody = "p permits every account there is, members of the Organization or not";
        assert_eq!(findings("none", "true"), [everybody]);
    }

    #[test]
    fn faults_of_both_documents_are_told_at_once() {
        let faults = Rules::parse("[]", "").unwrap_err();
        let documents: Vec<_> = faults.iter().map(|fault| fault.document).collect();
        assert_eq!(documents, [CONFIGURATION_DOCUMENT, ACCEPTANCE_DOCUMENT]);
        let configuration = CONFIGURATION.replace("MANAGE", "none");
        assert!(
            Rules::parse(&configuration, "").is_err()
                && Rules::parse("[]", "@id(\"p\") permit (principal, action, resource);").is_err()
        );
    }

    #[test]
    fn policy_that_speaks_of_another_organization_is_found() {
        let findings = |organization: &str| {
            let configuration = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
                providers: {accounts: ['222222222222'], regions: [eu-west-1]}}";
            let policy = format!(
                "@id(\"p\") permit (principal in Drawbridge::Organization::\"{organization}\", action, resource);"
            );
            Rules::parse(configuration, &policy).unwrap().findings(Timestamp::UNIX_EPOCH)
        };
        assert_eq!(findings("o-a1b2c3d4e5"), [] as [&str; 0]);
        assert_eq!(
            findings("o-z9y8x7w6v5"),
            ["a policy speaks of o-z9y8x7w6v5, but drawbridge.yaml of o-a1b2c3d4e5: nobody is in the former"]
        );
    }
}
