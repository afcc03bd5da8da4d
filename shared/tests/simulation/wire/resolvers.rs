//! Profiles and forwarding rules of VPCs.

use drawbridge::{
    model::{
        AccountId, ForwardingRule, ProfileAttachment, ProfileContent, ProfileId, ProfileKey, Region, VpcReference,
    },
    port::{PortError, Resolvers},
    reconcile::Permit,
};

use super::Ports;

impl Resolvers for Ports {
    async fn is_profile_shared(&self, key: &ProfileKey) -> Result<Option<bool>, PortError> {
        let world = &self.stage().world;
        let answer = world.is_profile_shared(key);
        self.read_as(Some(&key.account), "route53profiles:GetProfile", key.profile.as_str(), answer).await
    }

    async fn profile_contents(
        &self,
        account: &AccountId,
        region: &Region,
        profile: &ProfileId,
    ) -> Result<Vec<ProfileContent>, PortError> {
        let call = "route53profiles:ListProfileResourceAssociations";
        let world = &self.stage().world;
        let answer = world.profile_contents(account, region, profile);
        self.read_as(Some(account), call, profile.as_str(), answer).await
    }

    async fn list_attachments(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<ProfileAttachment>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_attachments(account, region);
        self.read_as(Some(account), "route53profiles:ListProfileAssociations", account.as_str(), answer).await
    }

    async fn list_forwarding(&self, account: &AccountId, region: &Region) -> Result<Vec<ForwardingRule>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_forwarding(account, region);
        self.read_as(Some(account), "route53resolver:ListResolverRuleAssociations", account.as_str(), answer).await
    }

    async fn include(&self, key: &ProfileKey, resource: &str, name: &str, permit: &Permit) -> Result<(), PortError> {
        let about = format!("{resource} in {}", key.profile);
        let world = &self.stage().world;
        let answer = world.include(key, resource, name, permit);
        self.write_as(&key.account, "route53profiles:AssociateResourceToProfile", &about, answer).await
    }

    async fn exclude(&self, key: &ProfileKey, resource: &str, permit: &Permit) -> Result<(), PortError> {
        let about = format!("{resource} in {}", key.profile);
        let world = &self.stage().world;
        let answer = world.exclude(key, resource, permit);
        self.write_as(&key.account, "route53profiles:DisassociateResourceFromProfile", &about, answer).await
    }

    async fn attach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        name: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let about = format!("{} in {}", key.profile, vpc.vpc);
        let world = &self.stage().world;
        let answer = world.attach(key, account, vpc, name, permit);
        self.write_as(account, "route53profiles:AssociateProfile", &about, answer).await
    }

    async fn detach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let about = format!("{} in {}", key.profile, vpc.vpc);
        let world = &self.stage().world;
        let answer = world.detach(key, account, vpc, permit);
        self.write_as(account, "route53profiles:DisassociateProfile", &about, answer).await
    }
}
