//! Which alarms and dashboards are kept, and whom they tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{
    AlarmProfile, Configuration, Period, TagFilter,
    alarm_profile::{AlarmScope, Definition, Judgement, Severity},
};
use crate::model::{AccountId, MissingData, Region, Tags, Threshold, tag};

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

    /// The severities of alarms that are made though nobody is told.
    fn told_nobody(&self) -> impl Iterator<Item = (Severity, BTreeSet<AlarmProfile>)> {
        let made = |setting: &Setting| match setting.definition.scope {
            AlarmScope::Endpoint => match self.endpoints {
                EndpointAlarms::None | EndpointAlarms::Remove => false,
                EndpointAlarms::Each => true,
                EndpointAlarms::Fleet => setting.fits_a_fleet(),
            },
            _ => self.services == ServiceAlarms::Each,
        };
        let settings: Vec<Setting> =
            AlarmProfile::ALL.iter().copied().filter_map(|profile| self.setting(profile)).filter(made).collect();
        Severity::ALL.into_iter().filter(|severity| self.topics.written(*severity).is_empty()).filter_map(
            move |severity| {
                let profiles: BTreeSet<_> = settings
                    .iter()
                    .filter(|setting| setting.severity == severity)
                    .map(|setting| setting.profile)
                    .collect();
                (!profiles.is_empty()).then_some((severity, profiles))
            },
        )
    }
}

/// Longest time that an alarm may judge with periods of an hour or more, and with shorter ones.
///
/// Source: CloudWatch API reference, `EvaluationPeriods` of `PutMetricAlarm`.
const LONGEST: (Duration, Duration) = (Duration::from_hours(7 * 24), Duration::from_hours(24));

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

impl Configuration {
    /// The faults of the alarms, each with the place in the document.
    pub(super) fn check_alarms(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let alarms = &self.alarms;
        if alarms.endpoints == EndpointAlarms::Fleet && alarms.select == SelectEndpoints::Tagged {
            let why = "alarms.endpoints: a fleet's alarm sees all endpoints of an account and Region; \
                       write `select: every`, or `endpoints: each`";
            faults.push(("/alarms/endpoints".to_owned(), why.to_owned()));
        }
        let regions: BTreeSet<Region> = self.regions_of_alarms();
        for severity in Severity::ALL {
            let elsewhere = |arn: &&String| {
                let named = arn.split(':').nth(3).and_then(|region| region.parse::<Region>().ok());
                is_topic(arn) && named.is_some_and(|named| regions.iter().any(|region| *region != named))
            };
            for arn in alarms.topics.written(severity).iter().filter(elsewhere) {
                let why = format!(
                    "alarms.topics.{}: an alarm can tell a topic of its own Region alone, and there are alarms in {}; \
                     write {{region}} in {arn:?}, and have a topic of that name in each",
                    severity.as_str(),
                    regions.iter().map(Region::as_str).collect::<Vec<_>>().join(", ")
                );
                faults.push((format!("/alarms/topics/{}", severity.as_str()), why));
            }
            for arn in alarms.topics.written(severity).iter().filter(|arn| !is_topic(arn)) {
                let why = format!(
                    "alarms.topics.{}: {arn:?} is not the ARN of a topic such as \
                     arn:aws:sns:{{region}}:222222222222:alarms",
                    severity.as_str()
                );
                faults.push((format!("/alarms/topics/{}", severity.as_str()), why));
            }
        }
        for (profile, settings) in &alarms.profiles {
            let why = fault_of_time(*profile, settings).or_else(|| fault_of_threshold(*profile, settings));
            faults.extend(why.map(|(at, why)| {
                (format!("/alarms/profiles/{profile}/{at}"), format!("alarms.profiles.{profile}.{at}: {why}"))
            }));
        }
        faults
    }

    /// The Regions in which there are alarms.
    fn regions_of_alarms(&self) -> BTreeSet<Region> {
        let services = matches!(self.alarms.services, ServiceAlarms::Each).then_some(&self.providers.regions);
        let endpoints = matches!(self.alarms.endpoints, EndpointAlarms::Each | EndpointAlarms::Fleet);
        let endpoints = if endpoints { self.consumer_places() } else { BTreeSet::new() };
        services.into_iter().flatten().cloned().chain(endpoints.into_iter().map(|(_, region)| region)).collect()
    }

    /// What is doubtful about the alarms.
    pub(super) fn doubts_of_alarms(&self) -> impl Iterator<Item = String> {
        let silent = self.alarms.told_nobody().map(|(severity, profiles)| {
            let profiles: Vec<&str> = profiles.into_iter().map(AlarmProfile::as_str).collect();
            let severity = severity.as_str();
            format!("alarms.topics.{severity} is empty: nobody is told of {}", profiles.join(", "))
        });
        let is_fleet = self.alarms.endpoints == EndpointAlarms::Fleet;
        let named = self.alarms.settings(AlarmScope::Endpoint).filter(move |_| is_fleet);
        let asked_for = |setting: &Setting| self.alarms.profiles.contains_key(&setting.profile);
        let left_out = named.filter(|setting| !setting.fits_a_fleet()).filter(asked_for);
        silent.chain(left_out.map(|Setting { profile, .. }| {
            format!("alarms.profiles.{profile}: one alarm for a fleet can't judge it; it is made with `endpoints: each` alone")
        }))
    }
}

/// Whether this is the ARN of a topic once Region and account are put in.
fn is_topic(arn: &str) -> bool {
    let filled = arn.replace("{region}", "eu-west-1").replace("{account}", "222222222222");
    let parts: Vec<&str> = filled.split(':').collect();
    let [scheme, partition, service, region, account, name] = parts.as_slice() else { return false };
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    (*scheme, *service) == ("arn", "sns")
        && partition.starts_with("aws")
        && region.parse::<Region>().is_ok()
        && account.parse::<AccountId>().is_ok()
        && is_word(name)
        && name.len() <= 256
}

fn fault_of_time(profile: AlarmProfile, settings: &ProfileSettings) -> Option<(&'static str, String)> {
    let (lasts, period) = (settings.r#for?.as_duration(), profile.definition().period);
    let longest = if period < Duration::from_hours(1) { LONGEST.1 } else { LONGEST.0 };
    let fits = !lasts.is_zero() && lasts <= longest && lasts.as_secs() % period.as_secs() == 0;
    let why = || {
        format!("CloudWatch judges whole periods of {} s, and at most {} h", period.as_secs(), longest.as_secs() / 3600)
    };
    (!fits).then(|| ("for", why()))
}

fn fault_of_threshold(profile: AlarmProfile, settings: &ProfileSettings) -> Option<(&'static str, String)> {
    let why = profile.definition().accepts(settings.threshold?).err()?;
    Some(("threshold", format!("not {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(alarms: &str) -> Result<Configuration, String> {
        let rest = "version: 1\ndeployment: d\norganization: o-a1b2c3d4e5\nhub-account: '222222222222'\n\
                    providers: {accounts: ['222222222222'], regions: [eu-west-1]}\n";
        Configuration::parse(&format!("{rest}alarms:\n{alarms}")).map_err(|faults| faults.to_string())
    }

    #[test]
    fn faults_name_the_place_and_the_remedy() {
        for (line, expected) in [
            ("endpoints: fleet", "write `select: every`, or `endpoints: each`"),
            ("endpoints: some", "is none of \"none\", \"remove\", \"each\", \"fleet\""),
            ("topics: {critical: [topic]}", "alarms.topics.critical: \"topic\" is not the ARN of a topic"),
            ("topics: {info: ['arn:aws:sqs:eu-west-1:222222222222:q']}", "is not the ARN of a topic"),
            ("topics: {info: ['arn:aws:sns:{zone}:222222222222:q']}", "is not the ARN of a topic"),
            (
                "{services: each, topics: {info: ['arn:aws:sns:us-east-1:222222222222:q']}}",
                "a topic of its own Region alone, and there are alarms in eu-west-1; write {region} in",
            ),
            ("profiles: {packets: {threshold: 1}}", "packets"),
            ("profiles: {packets-dropped: {threshold: -1}}", "threshold: not a number that is not negative"),
            ("profiles: {idle: {threshold: 0}}", "threshold: not a number above 0"),
            ("profiles: {packets-dropped: {threshold: many}}", "threshold"),
            ("profiles: {endpoints-drop: {threshold: 150}}", "threshold: not percent from 1 to 100"),
            (
                "profiles: {idle: {for: 8d}}",
                "alarms.profiles.idle.for: CloudWatch judges whole periods of 86400 s, and at most 168 h",
            ),
            ("profiles: {idle: {for: 36h}}", "whole periods of 86400 s"),
            ("profiles: {packets-dropped: {for: 2d}}", "at most 24 h"),
            ("profiles: {packets-dropped: {for: 0m}}", "whole periods of 60 s"),
            ("runbook: http://example.com", "an https address"),
        ] {
            let faults = parse(&format!("  {line}\n")).unwrap_err();
            assert!(faults.contains(expected) && faults.contains("drawbridge.yaml:7:"), "{line}: {faults}");
        }
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

    #[test]
    fn alarms_that_tell_nobody_are_doubted() {
        let doubts = |alarms: &str| parse(alarms).unwrap().doubts_of_alarms().collect::<Vec<_>>();
        assert_eq!(doubts("  services: none\n"), Vec::<String>::new());
        let fleet = doubts("  endpoints: fleet\n  select: every\n");
        assert_eq!(fleet, ["alarms.topics.warning is empty: nobody is told of packets-dropped, resets-received"]);
        let each = doubts("  endpoints: each\n  topics: {warning: ['arn:aws:sns:eu-west-1:222222222222:w']}\n");
        assert_eq!(each, ["alarms.topics.info is empty: nobody is told of idle"]);
    }
}
