//! What is wrong with what a configuration says of alarms, and what is doubtful.

use std::{collections::BTreeSet, time::Duration};

use super::{
    AlarmProfile, AlarmScope, Alarming, EndpointAlarms, ProfileSettings, SelectEndpoints, ServiceAlarms, Setting,
    Severity,
};
use crate::{
    model::{AccountId, Region},
    policy::Configuration,
};

/// Longest time that an alarm may judge with periods of an hour or more, and with shorter ones.
///
/// Source: CloudWatch API reference, `EvaluationPeriods` of `PutMetricAlarm`.
const LONGEST: (Duration, Duration) = (Duration::from_hours(7 * 24), Duration::from_hours(24));

impl Alarming {
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

impl Configuration {
    /// The faults of the alarms, each with the place in the document.
    pub(in crate::policy) fn check_alarms(&self) -> Vec<(String, String)> {
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
    pub(in crate::policy) fn doubts_of_alarms(&self) -> impl Iterator<Item = String> {
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
    use super::super::tests::parse;

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
    fn alarms_that_tell_nobody_are_doubted() {
        let doubts = |alarms: &str| parse(alarms).unwrap().doubts_of_alarms().collect::<Vec<_>>();
        assert_eq!(doubts("  services: none\n"), Vec::<String>::new());
        let fleet = doubts("  endpoints: fleet\n  select: every\n");
        assert_eq!(fleet, ["alarms.topics.warning is empty: nobody is told of packets-dropped, resets-received"]);
        let each = doubts("  endpoints: each\n  topics: {warning: ['arn:aws:sns:eu-west-1:222222222222:w']}\n");
        assert_eq!(each, ["alarms.topics.info is empty: nobody is told of idle"]);
    }
}
