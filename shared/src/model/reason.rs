//! Reason codes of our own. They are stable: users alarm and search on them, and so do we. Policies bring others.

/// Ties each code to the list of all, so that none is ours that a policy may bring as well.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        $($(#[$doc])* pub const $name: &str = stringify!($name);)+

        /// Every code of ours.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

reasons! {
    /// A policy without `@reason` permits it.
    PERMITTED,
    /// A policy without `@reason` forbids it.
    FORBIDDEN,
    /// The owner is a member, and no policy matches.
    NO_PERMIT,
    /// The owner is no member of the Organization, and no policy matches.
    OUTSIDE_ORGANIZATION,
    /// The owner was a member when it was accepted, and is none any more.
    LEFT_ORGANIZATION,
    /// The owner is a member that AWS has suspended.
    ACCOUNT_SUSPENDED,
    /// The owner is a member that was closed, or is being closed.
    ACCOUNT_CLOSED,
    /// The owner is a member whose sign-up isn't completed.
    ACCOUNT_NOT_ACTIVE,
    /// Whether the owner is a member could not be told.
    MEMBERSHIP_UNKNOWN,
    /// A policy failed when it was evaluated.
    POLICY_ERROR,
    /// The request was held for longer than the configuration lets it wait.
    HELD_TOO_LONG,
    /// A person approved it by `drawbridge:approval`.
    APPROVED,
    /// A person refused it by `drawbridge:approval`.
    REFUSED,
    /// A person wants all connections of the service ended, by `drawbridge:drain`.
    DRAINING,
    /// More would be cut off at once than the configuration allows.
    LIMIT_REACHED,
    /// The connection has no object that could hold the end of its grace.
    NO_RECORD,
    /// Everybody is an allowed principal of the service, and nobody is asked to accept.
    OPEN_TO_EVERYBODY,
    /// Nobody is asked to accept: AWS connects every allowed principal.
    NOBODY_ASKED,
    /// Our topic isn't told of the service's connections: requests would wait for the next sweep.
    NOT_NOTIFIED,
    /// The account has a connection that may be there, so it may ask for others.
    CONNECTED,
    /// Something about an account of the Organization has changed.
    ACCOUNT_CHANGED,
    /// Something about the Organization has changed that names no account.
    ORGANIZATION_CHANGED,
    /// The endpoint service is not there (any more).
    SERVICE_NOT_FOUND,
    /// The endpoint service is not one that is looked after.
    NOT_SELECTED,
    /// A person exempted it by `drawbridge:ignore`.
    EXEMPT,
    /// Another deployment has marked it as its own, or somebody else made it.
    NOT_OWNED,
    /// The private DNS name isn't verified.
    NAME_NOT_VERIFIED,
    /// The private DNS name is verified.
    NAME_VERIFIED,
    /// What shows that a verified name is the provider's own is missing or altered.
    PROOF_MISSING,
    /// AWS has looked for the record of the private DNS name and has not found it.
    VERIFICATION_FAILED,
    /// What was begun is not finished at AWS.
    UNDER_WAY,
    /// No hosted zone that may be written covers the name.
    NO_ZONE,
    /// Several hosted zones of the same name cover it.
    SEVERAL_ZONES,
    /// What the records are for is not there any more, or wants them no more.
    NOT_WANTED,
    /// Other records stand where ours would have to.
    CONFLICT,
    /// The name can't stand in the zone, or the records are more than a batch may hold.
    NOT_POSSIBLE,
    /// `dns.policy` leaves the records as they are.
    POLICY_LEAVES,
    /// Something that is looked after, and wants it.
    SELECTED,
    /// A private zone of the name would hide public names from its VPCs.
    HIDES_NAMES,
    /// The endpoint is not connected.
    NOT_CONNECTED,
    /// The endpoint wants its service's private DNS name.
    NAME_WANTED,
    /// The service has no private DNS name, or can't be seen from the endpoint's account.
    NO_PRIVATE_NAME,
    /// The VPC has DNS support or DNS host names switched off.
    DNS_SUPPORT_OFF,
    /// A Profile isn't shared with the account whose VPC is to have it.
    NOT_SHARED,
    /// Something is not as the configuration has it.
    OUT_OF_STEP,
    /// A tag has a value that somebody else wrote.
    FOREIGN_VALUE,
    /// A tag has a value that somebody else wrote, on a resource that is managed by code.
    MANAGED_BY_CODE,
    /// What the value of a tag was taken from is not there any more.
    SOURCE_GONE,
    /// A tag would not comply with the tag policy of the Organization.
    TAG_POLICY,
    /// A resource has as many tags as it can have.
    TAG_LIMIT,
    /// CloudWatch has no metrics of such a resource.
    NO_METRICS,
    /// An alarm watches a metric that CloudWatch doesn't have, though it has others of the same resource.
    NO_METRIC,
    /// An alarm covers more than CloudWatch judges.
    PARTIAL_DATA,
    /// Somebody has switched off what an alarm does.
    SILENCED,
    /// A tag that the configuration obeys can't be read.
    INVALID_TAG,
    /// No namespace of the configured name can be seen from the account.
    NO_NAMESPACE,
    /// Several namespaces of the configured name can be seen from the account.
    SEVERAL_NAMESPACES,
    /// The Cloud Map service is not there, or can't be seen from the account.
    NO_CLOUD_MAP_SERVICE,
    /// The Cloud Map service has as many instances as it can have.
    INSTANCE_LIMIT,
    /// An operation of Cloud Map has failed.
    OPERATION_FAILED,
    /// What the records of the Cloud Map service need isn't known of the endpoint: an address, a name or a port.
    NO_ADDRESS,
    /// None of the instances is healthy: what there was stays.
    NO_HEALTHY_INSTANCE,
    /// No other target answers yet.
    LAST_TARGET,
    /// The target group can't have addresses of the VPC as targets.
    WRONG_TARGET_GROUP,
    /// A target or a load balancer is alone in its Availability Zone, and nothing is sent across zones.
    ZONE_MISMATCH,
}
