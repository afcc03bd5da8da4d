//! Which alarms and dashboards are kept, and whom they tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Period, TagFilter};
use crate::model::{AccountId, MissingData, Region, Tags, Threshold, tag};

mod check;
mod profile;

pub use profile::{AlarmProfile, AlarmScope, Definition, Judgement};

/// Which alarms and dashboards are kept, and whom they tell.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alarming {
    /// What endpoints of the consumers get.
    #[serde(default)]
    pub endpoints: EndpointAlarms,
    /// Which endpoints of the consumers get it.
    #[serde(default)]
    pub select: SelectEndpoints,
    /// The tag that opts an endpoint in.
    #[serde(default = "default_tag")]
    pub tag: TagFilter,
    /// What endpoint services that are looked after get, with their Network Load Balancers and target groups.
    #[serde(default)]
    pub services: ServiceAlarms,
    /// In which account alarms and dashboards stand.
    #[serde(default, rename = "in")]
    pub place: AlarmPlace,
    /// Who is told, by severity. Without topics an alarm changes its state, and nobody is told.
    #[serde(default)]
    pub topics: Topics,
    /// Whether each service gets two alarms over its others: `down`, and `degraded`, which stays silent while it is down. They
    /// tell the topics in place of the alarms that they are over.
    #[serde(default = "yes")]
    pub composites: bool,
    /// Whether each service gets a dashboard.
    #[serde(default = "yes")]
    pub dashboards: bool,
    /// Where the runbook is, an `https` address. The name of the profile is put behind it as the section. Left out: no link.
    #[serde(default)]
    #[schemars(
        regex(pattern = r"^https://[^\s#]{1,300}$"),
        title = "an https address without a section, of at most 300 characters"
    )]
    pub runbook: Option<String>,
    /// What is otherwise than usual, by profile.
    #[serde(default)]
    #[schemars(schema_with = "profiles_schema")]
    pub profiles: BTreeMap<AlarmProfile, ProfileSettings>,
    /// Most alarms and dashboards that one run may take away. When there are more, it takes away none, and a person is asked.
    #[serde(default = "default_most")]
    pub most_removals: u32,
}

impl Default for Alarming {
    fn default() -> Self {
        Self {
            endpoints: EndpointAlarms::default(),
            select: SelectEndpoints::default(),
            tag: default_tag(),
            services: ServiceAlarms::default(),
            place: AlarmPlace::default(),
            topics: Topics::default(),
            composites: true,
            dashboards: true,
            runbook: None,
            profiles: BTreeMap::new(),
            most_removals: default_most(),
        }
    }
}

fn default_tag() -> TagFilter {
    TagFilter { key: "drawbridge:alarms".to_owned(), value: "true".to_owned() }
}

/// That of a map, with the words that its keys may be.
fn profiles_schema(generator: &mut SchemaGenerator) -> Schema {
    let (names, settings) = (generator.subschema_for::<AlarmProfile>(), generator.subschema_for::<ProfileSettings>());
    json_schema!({ "type": "object", "propertyNames": names, "additionalProperties": settings })
}

fn yes() -> bool {
    true
}

fn default_most() -> u32 {
    500
}

/// What endpoints get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointAlarms {
    /// Nothing, and nothing is looked at.
    #[default]
    None,
    /// Nothing; what was made before is taken away.
    Remove,
    /// Each its own alarms.
    Each,
    /// One alarm a profile for all of an account and Region, which tells which endpoints it is about.
    Fleet,
}

/// What endpoint services get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceAlarms {
    /// Nothing, and nothing is looked at.
    #[default]
    None,
    /// Nothing; what was made before is taken away.
    Remove,
    /// Each its own alarms.
    Each,
}

/// Which endpoints get alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SelectEndpoints {
    /// Those that carry the tag.
    #[default]
    Tagged,
    /// Every endpoint of the consumers, unless it carries `drawbridge:ignore=true`.
    Every,
}

/// In which account alarms and dashboards stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmPlace {
    /// In the account that has what they watch.
    #[default]
    Member,
    /// In the hub, which sees the metrics of the others by links of CloudWatch's cross-account observability.
    Hub,
}

/// Who is told, by severity: ARNs of SNS topics, in which `{region}` and `{account}` stand for where the alarm is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Topics {
    /// Of what is broken.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub critical: BTreeSet<String>,
    /// Of what may break.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub warning: BTreeSet<String>,
    /// Of what could be tidied up.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub info: BTreeSet<String>,
}

impl Topics {
    /// The topics of a severity, as the configuration has them.
    #[must_use]
    pub fn written(&self, severity: Severity) -> &BTreeSet<String> {
        match severity {
            Severity::Critical => &self.critical,
            Severity::Warning => &self.warning,
            Severity::Info => &self.info,
        }
    }

    /// The topics of a severity for an alarm in this account and Region.
    #[must_use]
    pub fn of(&self, severity: Severity, account: &AccountId, region: &Region) -> BTreeSet<String> {
        let fill = |arn: &String| arn.replace("{region}", region.as_str()).replace("{account}", account.as_str());
        self.written(severity).iter().map(fill).collect()
    }
}

/// How much an alarm matters: which topics are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is broken, and a person is woken.
    Critical,
    /// Something may break.
    Warning,
    /// Something could be tidied up.
    Info,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Info];

    /// The word of the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// What is otherwise than usual about a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProfileSettings {
    /// Whether it is made.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// The threshold, in the unit of the metric.
    #[serde(default)]
    pub threshold: Option<Threshold>,
    /// For how long it has to last.
    #[serde(default)]
    pub r#for: Option<Period>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// How a period without data is judged.
    #[serde(default)]
    pub missing_data: Option<MissingData>,
}

/// A profile with what the configuration says of it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The profile.
    pub profile: AlarmProfile,
    /// What it is unless the configuration says otherwise.
    pub definition: Definition,
    /// The threshold.
    pub threshold: Threshold,
    /// How many periods it has to last.
    pub periods: i32,
    /// How much it matters.
    pub severity: Severity,
    /// How a period without data is judged.
    pub missing: MissingData,
}

impl Alarming {
    /// Whether an endpoint with these tags gets alarms.
    #[must_use]
    pub fn selects(&self, tags: &Tags) -> bool {
        let selected = match self.select {
            SelectEndpoints::Every => true,
            SelectEndpoints::Tagged => tags.get(&self.tag.key) == Some(&self.tag.value),
        };
        selected && !tag::is_ignored(tags)
    }

    /// The profiles that are made for this scope.
    pub fn settings(&self, scope: AlarmScope) -> impl Iterator<Item = Setting> {
        AlarmProfile::ALL
            .iter()
            .copied()
            .filter_map(move |profile| self.setting(profile))
            .filter(move |setting| setting.definition.scope == scope)
    }

    /// A profile with what the configuration says of it, if it is made.
    #[must_use]
    pub fn setting(&self, profile: AlarmProfile) -> Option<Setting> {
        let definition = profile.definition();
        let own = self.profiles.get(&profile).cloned().unwrap_or_default();
        let lasts = own.r#for.map_or(definition.lasts, Period::as_duration);
        own.enabled.unwrap_or(definition.is_default).then(|| Setting {
            profile,
            definition,
            threshold: own.threshold.unwrap_or(definition.threshold.into()),
            periods: i32::try_from(lasts.as_secs() / definition.period.as_secs()).unwrap_or(i32::MAX),
            severity: own.severity.unwrap_or(definition.severity),
            missing: own.missing_data.unwrap_or(definition.missing),
        })
    }
}

/// How far back a query of Metrics Insights reaches.
///
/// Source: CloudWatch user guide, "Metrics Insights limits".
const REACH_OF_QUERIES: Duration = Duration::from_hours(3);

impl Setting {
    /// For how long it has to last.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        self.definition.period.saturating_mul(u32::try_from(self.periods).unwrap_or(u32::MAX))
    }

    /// Whether one alarm can judge it for many endpoints: a statistic of less time than queries reach back.
    #[must_use]
    pub fn fits_a_fleet(&self) -> bool {
        self.definition.judgement == Judgement::Statistic && self.lasts() <= REACH_OF_QUERIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Configuration;

    pub(super) fn parse(alarms: &str) -> Result<Configuration, String> {
        let rest = "version: 1\ndeployment: d\norganization: o-a1b2c3d4e5\nhub-account: '222222222222'\n\
                    providers: {accounts: ['222222222222'], regions: [eu-west-1]}\n";
        Configuration::parse(&format!("{rest}alarms:\n{alarms}")).map_err(|faults| faults.to_string())
    }

    #[test]
    fn setting_is_the_default_but_for_what_is_said() {
        let alarms = parse(
            "  profiles: {packets-dropped: {threshold: 2.5, for: 10m, severity: critical}, idle: {enabled: false}}\n",
        );
        let alarms = alarms.unwrap().alarms;
        let setting = alarms.setting(AlarmProfile::PacketsDropped).unwrap();
        assert_eq!(
            (setting.threshold.to_string(), setting.periods, setting.severity),
            ("2.5".to_owned(), 10, Severity::Critical)
        );
        assert_eq!(setting.missing, MissingData::NotBreaching);
        assert!(alarms.setting(AlarmProfile::Idle).is_none());
        assert!(alarms.setting(AlarmProfile::ConnectionsAnomaly).is_none(), "off unless it is said");
        assert_eq!(alarms.setting(AlarmProfile::ResetsReceived).unwrap().threshold, 100.into());
    }

    #[test]
    fn topic_is_filled_with_where_the_alarm_is() {
        let alarms = parse("  topics: {info: ['arn:aws:sns:{region}:{account}:alarms']}\n").unwrap().alarms;
        let (account, region) = ("444444444444".parse().unwrap(), "eu-west-1".parse().unwrap());
        let expected = BTreeSet::from(["arn:aws:sns:eu-west-1:444444444444:alarms".to_owned()]);
        assert_eq!(alarms.topics.of(Severity::Info, &account, &region), expected);
    }
}
