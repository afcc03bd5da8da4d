//! The alarms that can be had: for each, the metric that it watches and what is judged unless the configuration says otherwise.
//!
//! Sources: `PrivateLink` user guide, "CloudWatch metrics for AWS `PrivateLink`"; Network Load Balancer user guide, "CloudWatch
//! metrics"; CloudWatch user guide, "Best practice alarm recommendations for AWS services".

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

use super::Severity;
use crate::model::{Comparison, MissingData, Threshold, tag};

/// Ties each profile to its word, its definition and the list of all, so that none can be without one.
macro_rules! profiles {
    ($($(#[$doc:meta])* $name:ident = $word:literal => $definition:ident,)+) => {
        /// An alarm that can be had.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum AlarmProfile { $($(#[$doc])* $name,)+ }

        impl AlarmProfile {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word of the configuration, of names and of the runbook.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What it is unless the configuration says otherwise.
            #[must_use]
            pub fn definition(self) -> Definition {
                match self { $(Self::$name => $definition,)+ }
            }
        }
    };
}

profiles! {
    /// An endpoint drops packets: the service doesn't answer, or more comes than goes through.
    PacketsDropped = "packets-dropped" => PACKETS_DROPPED,
    /// An endpoint gets resets: the service or its targets end connections.
    ResetsReceived = "resets-received" => RESETS_RECEIVED,
    /// Nothing goes through an endpoint, which costs all the same.
    Idle = "idle" => IDLE,
    /// An endpoint has far more or far fewer connections than it uses to have.
    ConnectionsAnomaly = "connections-anomaly" => CONNECTIONS_ANOMALY,
    /// A service sends resets to its consumers.
    ResetsSent = "resets-sent" => RESETS_SENT,
    /// A service lost many of its endpoints at once.
    EndpointsDrop = "endpoints-drop" => ENDPOINTS_DROP,
    /// Nothing goes through a service.
    NoTraffic = "no-traffic" => NO_TRAFFIC,
    /// A service sends resets to one of its endpoints: one alarm that tells which.
    EndpointResets = "endpoint-resets" => ENDPOINT_RESETS,
    /// A load balancer found no port for a connection to its targets.
    PortAllocationErrors = "port-allocation-errors" => PORT_ALLOCATION_ERRORS,
    /// Targets end connections.
    TargetResets = "target-resets" => TARGET_RESETS,
    /// Security groups of a load balancer keep connections out.
    BlockedFlows = "blocked-flows" => BLOCKED_FLOWS,
    /// A load balancer turns connections away.
    RejectedFlows = "rejected-flows" => REJECTED_FLOWS,
    /// Targets are unhealthy.
    UnhealthyTargets = "unhealthy-targets" => UNHEALTHY_TARGETS,
    /// Too few targets are healthy in an Availability Zone.
    HealthyTargets = "healthy-targets" => HEALTHY_TARGETS,
    /// No target of a target group is healthy, or there is none at all.
    NoTargets = "no-targets" => NO_TARGETS,
}

/// What a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmScope {
    /// An endpoint.
    Endpoint,
    /// An endpoint service.
    Service,
    /// A Network Load Balancer.
    LoadBalancer,
    /// A target group of a Network Load Balancer.
    TargetGroup,
    /// A target group in one Availability Zone.
    Zone,
}

/// How the metric is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Its statistic, by a threshold.
    Statistic,
    /// By how many percent it fell from one period to the next.
    Drop,
    /// By a band of what it uses to be.
    Anomaly,
    /// The statistic of each endpoint of the service, by a threshold.
    EachEndpoint,
}

/// A profile as it is unless the configuration says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// What it is for.
    pub scope: AlarmScope,
    /// Namespace and name of the metric.
    pub metric: (&'static str, &'static str),
    /// The statistic of each period.
    pub statistic: &'static str,
    /// The period.
    pub period: Duration,
    /// For how long it has to last.
    pub lasts: Duration,
    /// How it is judged.
    pub judgement: Judgement,
    /// On which side of the threshold it is beyond it.
    pub comparison: Comparison,
    /// The threshold; of a band its width in standard deviations.
    pub threshold: i32,
    /// How a period without data is judged.
    pub missing: MissingData,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it is made unless the configuration says so.
    pub is_default: bool,
    /// What it means, and what to do: a sentence or two.
    pub meaning: &'static str,
}

const ENDPOINTS: &str = "AWS/PrivateLinkEndpoints";
const SERVICES: &str = "AWS/PrivateLinkServices";
const LOAD_BALANCERS: &str = "AWS/NetworkELB";

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

impl Definition {
    /// Whether it may have this threshold.
    ///
    /// # Errors
    /// What it has to be.
    pub fn accepts(&self, threshold: Threshold) -> Result<(), &'static str> {
        let number = threshold.as_f64();
        let (fits, what) = match (self.judgement, self.comparison) {
            (Judgement::Drop, _) => ((1.0..=100.0).contains(&number), "percent from 1 to 100"),
            (Judgement::Anomaly, _) | (_, Comparison::Below) => (number > 0.0, "a number above 0"),
            _ => (number >= 0.0, "a number that is not negative"),
        };
        if fits { Ok(()) } else { Err(what) }
    }

    /// The sum of something that shouldn't be, a minute, for five minutes: data is missing as long as there is no traffic.
    const fn of_errors(
        scope: AlarmScope,
        metric: (&'static str, &'static str),
        threshold: i32,
        meaning: &'static str,
    ) -> Self {
        Self {
            scope,
            metric,
            statistic: "Sum",
            period: MINUTE,
            lasts: Duration::from_mins(5),
            judgement: Judgement::Statistic,
            comparison: Comparison::Above,
            threshold,
            missing: MissingData::NotBreaching,
            severity: Severity::Warning,
            is_default: true,
            meaning,
        }
    }

    /// The bytes of so many periods: none is what it waits for, and none is told by no data.
    const fn of_silence(
        scope: AlarmScope,
        namespace: &'static str,
        period: Duration,
        lasts: Duration,
        meaning: &'static str,
    ) -> Self {
        Self {
            period,
            lasts,
            comparison: Comparison::Below,
            missing: MissingData::Breaching,
            ..Self::of_errors(scope, (namespace, "BytesProcessed"), 1, meaning)
        }
    }
}

impl AlarmProfile {
    /// The key of the tag that sets its threshold on one endpoint or service, or switches it off there.
    #[must_use]
    pub fn tag_key(self) -> String {
        format!("{}{self}", tag::ALARM)
    }
}

impl fmt::Display for AlarmProfile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

const PACKETS_DROPPED: Definition = Definition::of_errors(
    AlarmScope::Endpoint,
    (ENDPOINTS, "PacketsDropped"),
    10,
    "The endpoint drops packets: the service doesn't answer, or more is sent than passes. Look at the service's targets.",
);

const RESETS_RECEIVED: Definition = Definition::of_errors(
    AlarmScope::Endpoint,
    (ENDPOINTS, "RstPacketsReceived"),
    100,
    "The service resets connections of the endpoint: targets are unhealthy or closing. Ask the service's owner.",
);

const IDLE: Definition = Definition {
    severity: Severity::Info,
    ..Definition::of_silence(
        AlarmScope::Endpoint,
        ENDPOINTS,
        DAY,
        WEEK,
        "Nothing went through the endpoint, which costs by the hour all the same. Delete it if nobody needs it.",
    )
};

const CONNECTIONS_ANOMALY: Definition = Definition {
    statistic: "Average",
    period: Duration::from_mins(5),
    lasts: Duration::from_mins(15),
    judgement: Judgement::Anomaly,
    comparison: Comparison::OutsideBand,
    threshold: 2,
    missing: MissingData::Ignore,
    is_default: false,
    ..Definition::of_errors(
        AlarmScope::Endpoint,
        (ENDPOINTS, "ActiveConnections"),
        2,
        "The endpoint has far more or far fewer connections than usual. Compare with its clients' releases and load.",
    )
};

const RESETS_SENT: Definition = Definition::of_errors(
    AlarmScope::Service,
    (SERVICES, "RstPacketsSent"),
    100,
    "The service resets its consumers' connections: targets are unhealthy, closing or idle too long.",
);

const ENDPOINTS_DROP: Definition = Definition {
    statistic: "Maximum",
    period: Duration::from_mins(5),
    lasts: Duration::from_mins(5),
    judgement: Judgement::Drop,
    comparison: Comparison::AtLeast,
    severity: Severity::Critical,
    ..Definition::of_errors(
        AlarmScope::Service,
        (SERVICES, "EndpointsCount"),
        50,
        "The service lost so many percent of its endpoints within minutes. Look who rejected or deleted them.",
    )
};

const NO_TRAFFIC: Definition = Definition::of_silence(
    AlarmScope::Service,
    SERVICES,
    HOUR,
    DAY,
    "Nothing went through the service though consumers are connected. Check listeners, security groups and DNS.",
);

const ENDPOINT_RESETS: Definition = Definition {
    judgement: Judgement::EachEndpoint,
    is_default: false,
    ..Definition::of_errors(
        AlarmScope::Service,
        (SERVICES, "RstPacketsSent"),
        100,
        "The service resets connections of one of its endpoints: the contributors of the alarm tell of which.",
    )
};

const PORT_ALLOCATION_ERRORS: Definition = Definition {
    severity: Severity::Critical,
    ..Definition::of_errors(
        AlarmScope::LoadBalancer,
        (LOAD_BALANCERS, "PortAllocationErrorCount"),
        0,
        "The load balancer has no ports left towards its targets and drops connections. Add targets.",
    )
};

const TARGET_RESETS: Definition = Definition::of_errors(
    AlarmScope::LoadBalancer,
    (LOAD_BALANCERS, "TCP_Target_Reset_Count"),
    100,
    "Targets reset connections. Look at their logs and at the idle time-outs of both sides.",
);

const BLOCKED_FLOWS: Definition = Definition::of_errors(
    AlarmScope::LoadBalancer,
    (LOAD_BALANCERS, "SecurityGroupBlockedFlowCount_Inbound_TCP"),
    10,
    "The load balancer's security groups keep connections out. Check their inbound rules.",
);

const REJECTED_FLOWS: Definition = Definition::of_errors(
    AlarmScope::LoadBalancer,
    (LOAD_BALANCERS, "RejectedFlowCount"),
    10,
    "The load balancer turns connections away: it is over its capacity. Spread the load, or ask AWS.",
);

const UNHEALTHY_TARGETS: Definition = Definition {
    statistic: "Maximum",
    ..Definition::of_errors(
        AlarmScope::TargetGroup,
        (LOAD_BALANCERS, "UnHealthyHostCount"),
        0,
        "Targets fail their health check. Look at the targets and at what the check asks for.",
    )
};

const HEALTHY_TARGETS: Definition = Definition {
    statistic: "Minimum",
    lasts: Duration::from_mins(3),
    comparison: Comparison::Below,
    severity: Severity::Critical,
    ..Definition::of_errors(
        AlarmScope::Zone,
        (LOAD_BALANCERS, "HealthyHostCount"),
        1,
        "Too few targets are healthy in this Availability Zone: consumers lose the service there. Look at the targets.",
    )
};

const NO_TARGETS: Definition = Definition {
    statistic: "Maximum",
    lasts: Duration::from_mins(3),
    comparison: Comparison::Below,
    missing: MissingData::Breaching,
    severity: Severity::Critical,
    ..Definition::of_errors(
        AlarmScope::TargetGroup,
        (LOAD_BALANCERS, "HealthyHostCount"),
        1,
        "No target is healthy, or none is registered: consumers get no answer. Look at the targets and who registers them.",
    )
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_is_judged_over_whole_periods_within_what_cloudwatch_takes() {
        for &profile in AlarmProfile::ALL {
            let Definition { period, lasts, .. } = profile.definition();
            assert_eq!(lasts.as_secs() % period.as_secs(), 0, "{profile}");
            // CloudWatch API reference, PutMetricAlarm: a week, and a day with periods below an hour.
            let longest = if period < HOUR { DAY } else { 7 * DAY };
            assert!(lasts <= longest, "{profile}");
        }
    }

    #[test]
    fn words_are_those_of_the_configuration() {
        for &profile in AlarmProfile::ALL {
            let read: AlarmProfile = serde_json::from_value(profile.as_str().into()).unwrap();
            assert_eq!(read, profile);
        }
    }
}
