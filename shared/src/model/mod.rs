//! The words of the domain: endpoint services, their connections, accounts of the Organization.
//!
//! Values only. Nothing here reads, writes or decides.

mod connection;
mod endpoint_service;
mod identifier;
mod organization;
mod principal;
mod printable;
pub mod reason;
pub mod tag;

pub use connection::{Connection, ConnectionState, Consumer, Scope};
pub use endpoint_service::{EndpointService, ServiceKey};
pub use identifier::{
    AccountId, ConnectionId, DeploymentId, EndpointId, InvalidIdentifier, OrganizationId, ParentId, Region, ServiceId,
    parse_service_name, partition,
};
pub use organization::{Account, AccountState, InvalidPath, Known, Membership, OrganizationPath};
pub use principal::{Principal, Principals};
pub use printable::printable;
pub use tag::{Approval, Tags};
