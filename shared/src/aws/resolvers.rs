//! Route 53 Profiles and Route 53 Resolver: what the resolvers of VPCs are set to.

use std::{cell::RefCell, collections::BTreeMap};

use aws_sdk_route53profiles::{
    self as profiles,
    types::{ProfileAssociation, ProfileResourceAssociation},
};
use aws_sdk_route53resolver::{
    self as resolver,
    types::{ResolverRule, RuleTypeOption},
};

use super::{
    error::port_error,
    pages::{Next, all_pages},
    place,
    private_link::answer::cut_short,
    route53::Route53,
};
use crate::{
    model::{
        AccountId, DomainName, ForwardingRule, ProfileAttachment, ProfileContent, ProfileId, ProfileKey, Region, Stage,
        VpcReference,
    },
    port::{FailureKind, PortError, Resolvers},
    reconcile::Permit,
};

const GET_PROFILE: &str = "route53profiles:GetProfile";
const LIST_CONTENTS: &str = "route53profiles:ListProfileResourceAssociations";
const LIST_ATTACHMENTS: &str = "route53profiles:ListProfileAssociations";
const INCLUDE: &str = "route53profiles:AssociateResourceToProfile";
const EXCLUDE: &str = "route53profiles:DisassociateResourceFromProfile";
const ATTACH: &str = "route53profiles:AssociateProfile";
const DETACH: &str = "route53profiles:DisassociateProfile";
const LIST_RULES: &str = "route53resolver:ListResolverRules";
const LIST_RULES_OF_VPCS: &str = "route53resolver:ListResolverRuleAssociations";

/// Results of one page.
///
/// Source: API references of Route 53 Profiles and Route 53 Resolver, `MaxResults` of the listings.
const PAGE: i32 = 100;

/// The codes for what is associated already, or stands in the way of that.
const EXISTS: &str = "ResourceExistsException";
const CONFLICT: &str = "ConflictException";

/// Clients for each account and Region, both services in each.
#[derive(Debug, Default)]
pub(super) struct Clients {
    made: RefCell<BTreeMap<(AccountId, Region), (profiles::Client, resolver::Client)>>,
}

impl Route53 {
    async fn regional(&self, account: &AccountId, region: &Region) -> (profiles::Client, resolver::Client) {
        let key = (account.clone(), region.clone());
        if let Some(clients) = self.resolvers.made.borrow().get(&key) {
            return clients.clone();
        }
        let config = self.access.config(account, region).await;
        let made = (profiles::Client::new(&config), resolver::Client::new(&config));
        self.resolvers.made.borrow_mut().entry(key).or_insert(made).clone()
    }
}

impl Resolvers for Route53 {
    async fn is_profile_shared(&self, key: &ProfileKey) -> Result<Option<bool>, PortError> {
        let (client, _) = self.regional(&key.account, &key.region).await;
        let output = client.get_profile().profile_id(key.profile.as_str()).send().await;
        match output.map_err(|error| port_error(GET_PROFILE, key.to_string(), &error)) {
            Ok(output) => {
                let status = output.profile().and_then(|profile| profile.share_status());
                let status = status.ok_or_else(|| cut_short(GET_PROFILE, key.to_string()))?;
                Ok(Some(*status != profiles::types::ShareStatus::NotShared))
            }
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn profile_contents(
        &self,
        account: &AccountId,
        region: &Region,
        profile: &ProfileId,
    ) -> Result<Vec<ProfileContent>, PortError> {
        let (client, _) = &self.regional(account, region).await;
        let here = format!("{account}/{region}/{profile}");
        all_pages(LIST_CONTENTS, &here, None, async |token| {
            let call = client.list_profile_resource_associations().profile_id(profile.as_str());
            let output = call.set_next_token(token).max_results(PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_CONTENTS, here.clone(), &error))?;
            let contents = output.profile_resource_associations().iter();
            let contents =
                contents.map(|found| read_content(found).ok_or_else(|| cut_short(LIST_CONTENTS, here.clone())));
            Ok((contents.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }

    async fn list_attachments(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<ProfileAttachment>, PortError> {
        let (client, _) = &self.regional(account, region).await;
        let here = place(account, region);
        let found = all_pages(LIST_ATTACHMENTS, &here, None, async |token| {
            let call = client.list_profile_associations().set_next_token(token).max_results(PAGE);
            let output = call.send().await.map_err(|error| port_error(LIST_ATTACHMENTS, here.clone(), &error))?;
            let found = output.profile_associations().iter();
            let found = found
                .map(|found| read_attachment(region, found).ok_or_else(|| cut_short(LIST_ATTACHMENTS, here.clone())));
            Ok((found.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        });
        // The owner of a Profile may be shown the VPCs of others, too.
        Ok(found.await?.into_iter().filter(|found| found.account == *account).collect())
    }

    async fn list_forwarding(&self, account: &AccountId, region: &Region) -> Result<Vec<ForwardingRule>, PortError> {
        let (_, client) = &self.regional(account, region).await;
        let here = place(account, region);
        let rules = all_pages(LIST_RULES, &here, None, async |token| {
            let output = client.list_resolver_rules().set_next_token(token).max_results(PAGE).send().await;
            let output = output.map_err(|error| port_error(LIST_RULES, here.clone(), &error))?;
            Ok((output.resolver_rules().to_vec(), Next::by_token(output.next_token())))
        });
        let domains: BTreeMap<String, DomainName> = rules.await?.iter().filter_map(forwarded).collect();
        let associations = all_pages(LIST_RULES_OF_VPCS, &here, None, async |token| {
            let call = client.list_resolver_rule_associations().set_next_token(token).max_results(PAGE);
            let output = call.send().await.map_err(|error| port_error(LIST_RULES_OF_VPCS, here.clone(), &error))?;
            Ok((output.resolver_rule_associations().to_vec(), Next::by_token(output.next_token())))
        });
        let applies = |found: resolver::types::ResolverRuleAssociation| {
            let (id, vpc) = (found.resolver_rule_id?, found.vpc_id?.parse().ok()?);
            let domain = domains.get(&id)?.clone();
            Some(ForwardingRule { id, domain, vpc: VpcReference { region: region.clone(), vpc } })
        };
        Ok(associations.await?.into_iter().filter_map(applies).collect())
    }

    async fn include(&self, key: &ProfileKey, resource: &str, name: &str, _: &Permit) -> Result<(), PortError> {
        let (client, _) = self.regional(&key.account, &key.region).await;
        let call = client.associate_resource_to_profile().profile_id(key.profile.as_str());
        let output = call.resource_arn(resource).name(name).send().await;
        match output.map_err(|error| port_error(INCLUDE, format!("{key}/{resource}"), &error)) {
            // Another zone of the name is in it, or this one already: an earlier answer may have been lost.
            Err(error) if matches!(error.code.as_deref(), Some(CONFLICT | EXISTS)) => {
                let contents = self.profile_contents(&key.account, &key.region, &key.profile).await?;
                if contents.iter().any(|content| content.resource == resource) { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    async fn exclude(&self, key: &ProfileKey, resource: &str, _: &Permit) -> Result<(), PortError> {
        let (client, _) = self.regional(&key.account, &key.region).await;
        let call = client.disassociate_resource_from_profile().profile_id(key.profile.as_str());
        let output = call.resource_arn(resource).send().await;
        done(output.map_err(|error| port_error(EXCLUDE, format!("{key}/{resource}"), &error)), NOT_THERE)
    }

    async fn attach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        name: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let (client, _) = self.regional(account, &vpc.region).await;
        let call = client.associate_profile().profile_id(key.profile.as_str()).resource_id(vpc.vpc.as_str());
        let output = call.name(name).send().await;
        done(output.map_err(|error| port_error(ATTACH, format!("{key}/{vpc}"), &error)), EXISTS)
    }

    async fn detach(
        &self,
        key: &ProfileKey,
        account: &AccountId,
        vpc: &VpcReference,
        _: &Permit,
    ) -> Result<(), PortError> {
        let (client, _) = self.regional(account, &vpc.region).await;
        let call = client.disassociate_profile().profile_id(key.profile.as_str()).resource_id(vpc.vpc.as_str());
        let output = call.send().await;
        done(output.map_err(|error| port_error(DETACH, format!("{key}/{vpc}"), &error)), NOT_THERE)
    }
}

/// The code for what isn't associated.
const NOT_THERE: &str = "ResourceNotFoundException";

/// What came of a write that this code says to have been done before.
fn done<T>(output: Result<T, PortError>, before: &str) -> Result<(), PortError> {
    match output {
        Err(error) if error.code.as_deref() != Some(before) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Without a status it is one that something still happens in.
fn stage(status: Option<&profiles::types::ProfileStatus>) -> Stage {
    Stage::parse(status.map_or("", profiles::types::ProfileStatus::as_str))
}

fn read_content(found: &ProfileResourceAssociation) -> Option<ProfileContent> {
    Some(ProfileContent {
        resource: found.resource_arn()?.to_owned(),
        name: found.name().unwrap_or_default().to_owned(),
        stage: stage(found.status()),
    })
}

fn read_attachment(region: &Region, found: &ProfileAssociation) -> Option<ProfileAttachment> {
    // The reference calls it an ARN, and its examples have an id.
    let vpc = found.resource_id()?.rsplit('/').next()?.parse().ok()?;
    Some(ProfileAttachment {
        account: found.owner_id()?.parse().ok()?,
        profile: found.profile_id()?.parse().ok()?,
        vpc: VpcReference { region: region.clone(), vpc },
        name: found.name().unwrap_or_default().to_owned(),
        stage: stage(found.status()),
    })
}

/// Id and domain of a rule that forwards. Those of other types answer as if they weren't there.
fn forwarded(rule: &ResolverRule) -> Option<(String, DomainName)> {
    let forwards = rule.rule_type() == Some(&RuleTypeOption::Forward);
    forwards.then(|| Some((rule.id()?.to_owned(), DomainName::of_route53(rule.domain_name()?))))?
}

#[cfg(test)]
mod tests {
    use aws_sdk_route53profiles::types::ProfileStatus;

    use super::*;

    #[test]
    fn vpc_of_a_profile_is_read_by_id_and_by_arn() {
        let region: Region = "eu-west-1".parse().unwrap();
        for resource in ["vpc-0a1b2c3d4e5f60718", "arn:aws:ec2:eu-west-1:444444444444:vpc/vpc-0a1b2c3d4e5f60718"] {
            let found = ProfileAssociation::builder().owner_id("444444444444").profile_id("rp-4987774726example");
            let found = found.resource_id(resource).status(ProfileStatus::Complete).name("ours").build();
            let read = read_attachment(&region, &found).unwrap();
            assert_eq!((read.vpc.vpc.as_str(), read.stage), ("vpc-0a1b2c3d4e5f60718", Stage::Stands));
        }
        assert_eq!(read_attachment(&region, &ProfileAssociation::builder().build()), None);
    }

    #[test]
    fn rule_counts_only_when_it_forwards() {
        let rule = |kind| ResolverRule::builder().id("rslvr-rr-1").domain_name("Corp.Example.").rule_type(kind).build();
        let (id, domain) = forwarded(&rule(RuleTypeOption::Forward)).unwrap();
        assert_eq!((id.as_str(), domain.as_str()), ("rslvr-rr-1", "corp.example"));
        assert_eq!(forwarded(&rule(RuleTypeOption::System)), None);
        assert_eq!(forwarded(&rule(RuleTypeOption::Recursive)), None);
    }
}
