//! The profiles, by the simulation's own list. Sources: `PrivateLink` user guide, "CloudWatch metrics for AWS `PrivateLink`"; Network
//! Load Balancer user guide, "CloudWatch metrics"; the configuration's schema for what is judged.

use drawbridge::model::{Comparison, MissingData};

/// What a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Endpoint,
    Service,
    Balancer,
    Group,
    Zone,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    Critical,
    Warning,
    Info,
}

#[derive(Debug)]
pub struct Profile {
    pub name: &'static str,
    pub of: Of,
    pub metric: (&'static str, &'static str),
    pub statistic: &'static str,
    /// Seconds of a period, and how many are judged.
    pub periods: (i32, i32),
    pub comparison: Comparison,
    pub threshold: f64,
    pub missing: MissingData,
    pub grade: Grade,
}

const ENDPOINTS: &str = "AWS/PrivateLinkEndpoints";
const SERVICES: &str = "AWS/PrivateLinkServices";
const BALANCERS: &str = "AWS/NetworkELB";

const fn faults(name: &'static str, of: Of, metric: (&'static str, &'static str), threshold: f64) -> Profile {
    Profile {
        name,
        of,
        metric,
        statistic: "Sum",
        periods: (60, 5),
        comparison: Comparison::Above,
        threshold,
        missing: MissingData::NotBreaching,
        grade: Grade::Warning,
    }
}

const fn silence(name: &'static str, of: Of, namespace: &'static str, periods: (i32, i32)) -> Profile {
    Profile {
        periods,
        comparison: Comparison::Below,
        missing: MissingData::Breaching,
        ..faults(name, of, (namespace, "BytesProcessed"), 1.0)
    }
}

pub const PROFILES: [Profile; 13] = [
    faults("packets-dropped", Of::Endpoint, (ENDPOINTS, "PacketsDropped"), 10.0),
    faults("resets-received", Of::Endpoint, (ENDPOINTS, "RstPacketsReceived"), 100.0),
    Profile { grade: Grade::Info, ..silence("idle", Of::Endpoint, ENDPOINTS, (86_400, 7)) },
    faults("resets-sent", Of::Service, (SERVICES, "RstPacketsSent"), 100.0),
    Profile {
        statistic: "Maximum",
        periods: (300, 1),
        comparison: Comparison::AtLeast,
        grade: Grade::Critical,
        ..faults("endpoints-drop", Of::Service, (SERVICES, "EndpointsCount"), 50.0)
    },
    silence("no-traffic", Of::Service, SERVICES, (3_600, 24)),
    Profile {
        grade: Grade::Critical,
        ..faults("port-allocation-errors", Of::Balancer, (BALANCERS, "PortAllocationErrorCount"), 0.0)
    },
    faults("target-resets", Of::Balancer, (BALANCERS, "TCP_Target_Reset_Count"), 100.0),
    faults("blocked-flows", Of::Balancer, (BALANCERS, "SecurityGroupBlockedFlowCount_Inbound_TCP"), 10.0),
    faults("rejected-flows", Of::Balancer, (BALANCERS, "RejectedFlowCount"), 10.0),
    Profile { statistic: "Maximum", ..faults("unhealthy-targets", Of::Group, (BALANCERS, "UnHealthyHostCount"), 0.0) },
    Profile {
        statistic: "Minimum",
        periods: (60, 3),
        comparison: Comparison::Below,
        grade: Grade::Critical,
        ..faults("healthy-targets", Of::Zone, (BALANCERS, "HealthyHostCount"), 1.0)
    },
    Profile {
        statistic: "Maximum",
        periods: (60, 3),
        comparison: Comparison::Below,
        missing: MissingData::Breaching,
        grade: Grade::Critical,
        ..faults("no-targets", Of::Group, (BALANCERS, "HealthyHostCount"), 1.0)
    },
];

/// The sets of dimensions that metrics of a namespace have and that we watch.
pub const DIMENSIONS: [(&str, &[&str]); 6] = [
    (ENDPOINTS, &["Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id"]),
    (SERVICES, &["Service Id"]),
    (SERVICES, &["Service Id", "VPC Endpoint Id"]),
    (BALANCERS, &["LoadBalancer"]),
    (BALANCERS, &["LoadBalancer", "TargetGroup"]),
    (BALANCERS, &["AvailabilityZone", "LoadBalancer", "TargetGroup"]),
];
