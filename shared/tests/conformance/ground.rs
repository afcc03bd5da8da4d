//! What a case stands on: an AWS with one service, and people who do things there.

use drawbridge::{
    model::{DomainName, EndpointId, ProfileKey, ServiceKey, VpcReference},
    port::{
        Alarms, Bus, Dashboards, Endpoints, HostedZones, LoadBalancers, Organization, PrivateLink, Resolvers,
        ResourceTags,
    },
};

use super::dns::Made;

/// The account that owns the service and the zones.
pub const HUB: &str = "222222222222";
/// The account that owns the endpoints.
pub const CONSUMER: &str = "444444444444";

/// What somebody does by hand.
#[derive(Debug, Clone, Copy)]
pub enum Doing {
    /// A consumer, account 444444444444, makes an endpoint and names it so.
    Requests(&'static str),
    /// The consumer deletes it.
    Deletes(&'static str),
    /// The provider tags the connection.
    Tags(&'static str, &'static str, &'static str),
    /// The provider adds an allowed principal.
    OpensTo(&'static str),
    /// The provider switches acceptance off.
    SwitchesAcceptanceOff,
    /// The provider gives the service a private DNS name.
    NamesTheService(&'static str),
    /// The hub makes a zone that everybody asks: what it is called, and its name.
    MakesPublicZone(&'static str, &'static str),
    /// The hub puts the record there that shows that the service's name is its own.
    ProvesTheName(&'static str),
    /// The consumer switches off that its VPC gives names to hosts.
    SwitchesHostNamesOff,
    /// The hub makes a Profile.
    MakesProfile,
    /// The hub shares it with the consumer.
    SharesProfile,
    /// The consumer has its VPC ask elsewhere for a name.
    ForwardsElsewhere(&'static str),
    /// Nobody does anything until changes have spread and verifications have ended.
    LetsTimePass,
}

/// An AWS: account 222222222222 has a service that everybody may ask for; 444444444444 and 555555555555 (tagged
/// `stage=production`) are active members, 666666666666 is suspended, 999999999999 is outside. The hub has VPCs `hub` and
/// `second`, the consumer has `consumer`.
pub trait Ground {
    /// The service that is called this.
    fn service(&self, name: &str) -> ServiceKey;

    /// The endpoint that is called this.
    fn endpoint(&self, name: &str) -> EndpointId;

    /// What the endpoint is called.
    fn name(&self, endpoint: &EndpointId) -> String;

    fn private_link(&self) -> impl PrivateLink;

    fn organization(&self) -> impl Organization;

    fn bus(&self) -> impl Bus;

    /// Zones as an account may read and write them.
    fn hosted_zones(&self, account: &str) -> impl HostedZones + Resolvers;

    /// Endpoints and VPCs as an account may.
    fn endpoints(&self, account: &str) -> impl Endpoints;

    /// Tags and load balancers as an account may read and write them.
    fn tagging(&self, account: &str) -> impl ResourceTags + LoadBalancers;

    /// CloudWatch as the hub may use it.
    fn cloudwatch(&self) -> impl Alarms + Dashboards;

    /// An alarm that no other case has.
    fn alarm(&self, name: &str) -> String {
        format!("drawbridge/{}/{name}", self.domain().labels().next().unwrap())
    }

    /// A dashboard that no other case has.
    fn dashboard(&self, name: &str) -> String {
        format!("drawbridge-{}-{name}", self.domain().labels().next().unwrap())
    }

    /// The hub's Profile; before it is made one that nothing has.
    fn profile(&self) -> ProfileKey;

    /// The domain that no other case has.
    fn domain(&self) -> DomainName;

    /// The name that endpoints ask for the service by.
    fn service_name(&self) -> String;

    /// The VPC that is called this.
    fn vpc(&self, name: &str) -> VpcReference;

    /// What the VPC is called; `None` for one that isn't the case's.
    fn vpc_name(&self, vpc: &VpcReference) -> Option<String> {
        ["consumer", "hub", "second"].into_iter().find(|name| self.vpc(name) == *vpc).map(ToOwned::to_owned)
    }

    /// What the calls of the case have made.
    fn made(&self) -> &Made;

    /// Does something by hand.
    async fn act(&self, doing: Doing);
}

/// An id that nothing has.
pub const MISSING_SERVICE: &str = "vpce-svc-00000000000000bad";
/// An id that nothing has.
pub const MISSING_ENDPOINT: &str = "vpce-00000000000000bad";
/// An id that nothing has.
pub const MISSING_VPC: &str = "vpc-00000000000000bad";
/// An id that nothing has.
pub const MISSING_CONNECTION: &str = "vpce-svc-con-00000000000000bad";
/// An id that nothing has.
pub const MISSING_PROFILE: &str = "arn:aws:route53profiles:eu-west-1:222222222222:profile/rp-00000000000000bad";
