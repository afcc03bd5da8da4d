//! What a case stands on: an AWS with one service, and people who do things there.

use drawbridge::{
    model::{EndpointId, ServiceKey},
    port::{Bus, Organization, PrivateLink},
};

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
}

/// An AWS: account 222222222222 has a service that everybody may ask for; 444444444444 and 555555555555 (tagged
/// `stage=production`) are active members, 666666666666 is suspended, 999999999999 is outside.
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

    /// Does something by hand.
    async fn act(&self, doing: Doing);
}

/// An id that nothing has.
pub const MISSING_SERVICE: &str = "vpce-svc-00000000000000bad";
/// An id that nothing has.
pub const MISSING_ENDPOINT: &str = "vpce-00000000000000bad";
/// An id that nothing has.
pub const MISSING_CONNECTION: &str = "vpce-svc-con-00000000000000bad";
