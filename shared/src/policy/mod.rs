//! What operators decide: the configuration and the acceptance policy, read once and checked as a whole.
//!
//! Two documents belong together: `drawbridge.yaml`, which says what to look after and how, and `acceptance.cedar`, which
//! says who may connect. [`Rules::parse`] takes both or neither, and reports every fault of both at once.

mod acceptance;
mod alternative;
mod cedar;
mod configuration;
mod fault;
mod mentions;
mod period;
mod violation;
mod yaml;

pub use acceptance::{Acceptance, Determining, Question, Verdict};
pub use alternative::{Alternative, alternatives};
pub use configuration::{
    AllowedPrincipals, Configuration, ManagePrincipals, MembershipMemory, Mode, Providers, Requests, Revocation,
    RevocationCase, Select, Services, TagFilter,
};
pub use fault::{Fault, Faults};
pub use mentions::Mentions;
pub use period::Period;

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
        match (Configuration::parse(configuration), Acceptance::parse(acceptance)) {
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
    pub fn findings(&self) -> Vec<String> {
        self.acceptance.permits_everybody().into_iter().collect()
    }
}
