//! The words of the domain: endpoint services, their connections, accounts of the Organization, names in DNS.
//!
//! Values only. Nothing here reads, writes or decides.

mod alarm;
pub mod cloud_map;
mod connection;
mod creation;
mod domain_name;
mod endpoint;
mod endpoint_service;
mod identifier;
mod organization;
mod principal;
mod printable;
mod profile;
pub mod reason;
mod record;
mod resource;
pub mod tag;
mod tag_policy;
mod target;
mod topic;
pub mod txt;
mod vpc;
mod zone;

pub use alarm::{
    Alarm, AlarmLimit, AlarmRule, Comparison, Metric, MetricQuery, MetricRule, MissingData, QuerySource, StandingAlarm,
    Suppressor, Threshold,
};
pub use cloud_map::{
    Attributes, CloudMapService, InstanceHealth, Namespace, NamespaceKind, Operation, OperationFailure,
};
pub use connection::{Connection, ConnectionState, Consumer, Scope};
pub use creation::{Creation, Creator};
pub use domain_name::{DomainName, InvalidDomainName};
pub use endpoint::{DnsEntry, Endpoint, EndpointKey, EndpointKind, InterfaceAddress};
pub use endpoint_service::{DomainVerification, EndpointService, ServiceKey, VerificationState};
pub use identifier::{
    AccountId, ChangeId, ConnectionId, DeploymentId, EndpointId, InterfaceId, InvalidIdentifier, OrganizationId,
    ParentId, ProfileId, Region, ServiceId, VpcId, ZoneId, parse_service_name, partition,
};
pub use organization::{Account, AccountState, InvalidPath, Known, Membership, OrganizationPath};
pub use principal::{Principal, Principals};
pub use printable::printable;
pub use profile::{ForwardingRule, ProfileAttachment, ProfileContent, ProfileKey, Stage};
pub use record::{InvalidRecordKey, RecordChange, RecordData, RecordKey, RecordSet, RecordType};
pub use resource::{Resource, ResourceKind, home_of_global_resources};
pub use tag::{Approval, Tags};
pub use tag_policy::{InvalidTagPolicy, TagPolicy};
pub use target::{BalancerZones, Subnet, Target, TargetGroup, TargetState};
pub use topic::TopicArn;
pub use vpc::{Offer, Vpc, VpcReference, VpcZone, ZoneOwner};
pub use zone::{Zone, ZoneKey};
