//! What may be written, and by which function.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Configuration;

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is read or written.
    Off,
    /// All is read and decided, and reported as it would be done. Nothing is written.
    #[default]
    Observe,
    /// Decisions are carried out.
    Enforce,
}

impl Mode {
    /// The word of the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Enforce => "enforce",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The functions that decide and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionName {
    /// Answers connection requests, and cuts off who lost the right.
    AcceptConnections,
    /// Has connections reviewed when an account of the Organization changes.
    WatchOrganization,
    /// Keeps private DNS in step.
    SyncDns,
    /// Keeps tags in step.
    TagResources,
    /// Keeps alarms and dashboards in step.
    PublishAlarms,
    /// Keeps Cloud Map and the targets of load balancers in step.
    SyncCloudMap,
}

impl FunctionName {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AcceptConnections,
        Self::WatchOrganization,
        Self::SyncDns,
        Self::TagResources,
        Self::PublishAlarms,
        Self::SyncCloudMap,
    ];

    /// The word of the configuration, of logs, roles and sessions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AcceptConnections => "accept-connections",
            Self::WatchOrganization => "watch-organization",
            Self::SyncDns => "sync-dns",
            Self::TagResources => "tag-resources",
            Self::PublishAlarms => "publish-alarms",
            Self::SyncCloudMap => "sync-cloud-map",
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Configuration {
    /// The mode in which a function works.
    #[must_use]
    pub fn mode_of(&self, function: FunctionName) -> Mode {
        self.modes.get(&function).map_or(self.mode, |mode| self.mode.min(*mode))
    }

    /// Takes over the modes of another version where they are stricter.
    pub fn take_stricter_modes(&mut self, other: &Self) {
        self.mode = self.mode.min(other.mode);
        for function in FunctionName::ALL {
            let other = other.mode_of(function);
            if other < self.mode_of(function) {
                self.modes.insert(function, other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(modes: &str) -> Configuration {
        let rest = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
            providers: {accounts: ['222222222222'], regions: [eu-west-1]}, ";
        Configuration::parse(&format!("{rest}{modes}}}")).unwrap()
    }

    #[test]
    fn stricter_of_both_modes_is_in_force() {
        let laxer = configuration("mode: observe, modes: {sync-dns: enforce}");
        assert_eq!(laxer.mode_of(FunctionName::SyncDns), Mode::Observe);
        let stricter = configuration("mode: enforce, modes: {sync-dns: observe}");
        assert_eq!(stricter.mode_of(FunctionName::SyncDns), Mode::Observe);
        assert_eq!(stricter.mode_of(FunctionName::AcceptConnections), Mode::Enforce);
        let off = configuration("mode: off, modes: {sync-dns: enforce}");
        assert!(FunctionName::ALL.iter().all(|function| off.mode_of(*function) == Mode::Off));
    }

    #[test]
    fn only_stricter_modes_are_taken_over_from_another_version() {
        let mut ours = configuration("mode: enforce, modes: {sync-dns: observe}");
        ours.take_stricter_modes(&configuration("mode: enforce, modes: {accept-connections: off}"));
        assert_eq!(ours.mode_of(FunctionName::AcceptConnections), Mode::Off);
        assert_eq!(ours.mode_of(FunctionName::SyncDns), Mode::Observe);
        assert_eq!(ours.mode_of(FunctionName::WatchOrganization), Mode::Enforce);
    }
}
