//! What the DNS resolvers of VPCs are set to beside the zones that answer there: Route 53 Profiles and forwarding rules.

use super::PortError;
use crate::{
    model::{
        AccountId, ForwardingRule, ProfileAttachment, ProfileContent, ProfileId, ProfileKey, Region, VpcReference,
    },
    reconcile::Permit,
};

/// Profiles, and the forwarding rules of VPCs.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Resolvers {
    /// Whether a Profile is shared with other accounts, as its owner sees it; `None` when it is not there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn is_profile_shared(&self, key: &ProfileKey) -> Result<Option<bool>, PortError>;

    /// What is in a Profile, as an account that has it sees it.
    ///
    /// # Errors
    /// When any page can't be read, or the Profile is not there.
    async fn profile_contents(
        &self,
        account: &AccountId,
        region: &Region,
        profile: &ProfileId,
    ) -> Result<Vec<ProfileContent>, PortError>;

    /// The Profiles that the VPCs of one account and Region have.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_attachments(&self, account: &AccountId, region: &Region)
    -> Result<Vec<ProfileAttachment>, PortError>;

    /// The rules by which the VPCs of one account and Region ask elsewhere.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_forwarding(&self, account: &AccountId, region: &Region) -> Result<Vec<ForwardingRule>, PortError>;

    /// Puts something into a Profile, as its owner. It works some time later.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn include(&self, key: &ProfileKey, resource: &str, name: &str, permit: &Permit) -> Result<(), PortError>;

    /// Takes something out of a Profile, as its owner. What isn't in it stays so.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn exclude(&self, key: &ProfileKey, resource: &str, permit: &Permit) -> Result<(), PortError>;

    /// Gives a VPC a Profile, as the VPC's account.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn attach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        name: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Takes a Profile from a VPC, as the VPC's account. A VPC that doesn't have it stays so.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn detach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError>;
}
