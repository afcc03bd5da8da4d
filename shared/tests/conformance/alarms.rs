//! Calls about alarms and dashboards, and their answers in words: the same words wherever they come from.

use std::collections::BTreeSet;

use drawbridge::{
    model::{
        AccountId, Alarm, AlarmLimit, AlarmRule, Comparison, Metric, MetricQuery, MetricRule, MissingData, QuerySource,
        Region, StandingAlarm, Suppressor, Tags,
    },
    port::{Alarms, Dashboards, PortError},
    reconcile::Permit,
};

use super::{
    answer::Call,
    dns::failure,
    ground::{Ground, HUB},
    table::Row,
};

/// A call.
#[derive(Debug, Clone, Copy)]
pub enum Alarming {
    /// Writes an alarm of a metric with this threshold and this owner.
    Put(&'static str, i32, &'static str),
    /// The same, and it tells nobody.
    PutSilenced(&'static str, i32),
    /// Writes an alarm over others that waits for another.
    Cover(&'static str, &'static [&'static str], Option<&'static str>),
    /// Deletes alarms.
    Delete(&'static [&'static str]),
    /// The alarms whose names begin so.
    List(&'static str),
    /// The alarms of these names.
    Describe(&'static [&'static str]),
    /// The owner of an alarm.
    Owner(&'static str),
    /// Writes a dashboard that says this.
    Draw(&'static str, &'static str),
    /// Deletes a dashboard.
    Erase(&'static str),
    /// The dashboards whose names begin so, each with what it says.
    Dashboards(&'static str),
}

/// What the call is answered with.
pub async fn of<G: Ground>(ground: &G, call: Alarming) -> String {
    let (account, region): (AccountId, Region) = (HUB.parse().unwrap(), "eu-west-1".parse().unwrap());
    let cloudwatch = ground.cloudwatch();
    let permit = &Permit::for_tests();
    match call {
        Alarming::Put(name, threshold, owner) => {
            let tags = Tags::from([("owner".to_owned(), owner.to_owned())]);
            told(cloudwatch.put_alarm(&account, &region, &simple(ground, name, threshold), true, &tags, permit).await)
        }
        Alarming::PutSilenced(name, threshold) => {
            let alarm = simple(ground, name, threshold);
            told(cloudwatch.put_alarm(&account, &region, &alarm, false, &Tags::new(), permit).await)
        }
        Alarming::Cover(name, children, suppressor) => {
            let expression = children.iter().map(|child| format!("ALARM(\"{}\")", ground.alarm(child)));
            let suppressor = suppressor.map(|name| Suppressor { alarm: ground.alarm(name), wait: 60, extension: 120 });
            let rule = AlarmRule::Composite { expression: expression.collect::<Vec<_>>().join(" OR "), suppressor };
            let alarm = Alarm { rule, ..simple(ground, name, 0) };
            told(cloudwatch.put_alarm(&account, &region, &alarm, true, &Tags::new(), permit).await)
        }
        Alarming::Delete(names) => {
            let names: BTreeSet<String> = names.iter().map(|name| ground.alarm(name)).collect();
            let answers = cloudwatch.delete_alarms(&account, &region, &names, permit).await;
            answers.into_values().map(told).collect::<Vec<_>>().join(", ")
        }
        Alarming::List(prefix) => {
            let listed = cloudwatch.list_alarms(&account, &region, &ground.alarm(prefix)).await;
            listed.map_or_else(|error| failure(&error), |alarms| shown(ground, alarms))
        }
        Alarming::Describe(names) => {
            let names = names.iter().map(|name| ground.alarm(name)).collect();
            let described = cloudwatch.describe_alarms(&account, &region, &names).await;
            described.map_or_else(|error| failure(&error), |alarms| shown(ground, alarms))
        }
        Alarming::Owner(name) => {
            let arn = format!("arn:aws:cloudwatch:eu-west-1:{HUB}:alarm:{}", ground.alarm(name));
            match cloudwatch.alarm_tags(&account, &region, &BTreeSet::from([arn])).await {
                Ok(tags) => tags.into_values().next().map_or("none".to_owned(), |tags| {
                    tags.get("owner").cloned().unwrap_or_else(|| "nobody".to_owned())
                }),
                Err(error) => failure(&error),
            }
        }
        Alarming::Draw(name, text) => {
            let body = format!(
                r#"{{"widgets":[{{"type":"text","x":0,"y":0,"width":24,"height":2,"properties":{{"markdown":"{text}"}}}}]}}"#
            );
            told(cloudwatch.put_dashboard(&account, &region, &ground.dashboard(name), &body, permit).await)
        }
        Alarming::Erase(name) => {
            told(cloudwatch.delete_dashboard(&account, &region, &ground.dashboard(name), permit).await)
        }
        Alarming::Dashboards(prefix) => {
            let mut shown = Vec::new();
            for name in cloudwatch.list_dashboards(&account, &region, &ground.dashboard(prefix)).await.unwrap() {
                let body = cloudwatch.dashboard(&account, &region, &name).await.unwrap().unwrap();
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                let name = name.strip_prefix(&ground.dashboard("")).unwrap().to_owned();
                shown.push(format!("{name}: {}", body["widgets"][0]["properties"]["markdown"].as_str().unwrap()));
            }
            shown.join(", ")
        }
    }
}

fn simple<G: Ground>(ground: &G, name: &str, threshold: i32) -> Alarm {
    let metric = Metric {
        namespace: "AWS/PrivateLinkServices".to_owned(),
        name: "RstPacketsSent".to_owned(),
        dimensions: [("Service Id".to_owned(), "vpce-svc-0a1b2c3d4e5f60718".to_owned())].into(),
    };
    let source = QuerySource::Statistic { metric, statistic: "Sum".to_owned(), period: 60 };
    let rule = MetricRule {
        queries: vec![MetricQuery { id: "m1".to_owned(), source, account: None, returns: true }],
        periods: 5,
        datapoints: 5,
        comparison: Comparison::Above,
        limit: AlarmLimit::Threshold(threshold.into()),
        missing: MissingData::NotBreaching,
    };
    Alarm {
        name: ground.alarm(name),
        description: "what it means".to_owned(),
        alarm_actions: [format!("arn:aws:sns:eu-west-1:{HUB}:alarms")].into(),
        ok_actions: BTreeSet::new(),
        rule: AlarmRule::Metric(rule),
    }
}

/// Alarms in the order of their names, each with what tells them apart.
fn shown<G: Ground>(ground: &G, alarms: Vec<StandingAlarm>) -> String {
    let mut shown: Vec<String> = alarms
        .into_iter()
        .map(|standing| {
            let name = standing.alarm.name.strip_prefix(&ground.alarm("")).unwrap();
            let acts = if standing.acts { "" } else { " silenced" };
            match &standing.alarm.rule {
                AlarmRule::Metric(MetricRule { limit: AlarmLimit::Threshold(threshold), .. }) => {
                    let threshold = threshold.as_f64();
                    // All else has to be as it was written.
                    assert_eq!(standing.alarm, simple(ground, name, format!("{threshold}").parse().unwrap()));
                    format!("{name} above {threshold}{acts}")
                }
                AlarmRule::Composite { expression, suppressor } => {
                    let expression = expression.replace(&ground.alarm(""), "");
                    let waits = suppressor.as_ref().map(|over| over.alarm.replace(&ground.alarm(""), ""));
                    format!("{name} {expression}{}", waits.map(|name| format!(" unless {name}")).unwrap_or_default())
                }
                other => format!("{name} {other:?}"),
            }
        })
        .collect();
    shown.sort();
    shown.join(", ")
}

fn told(answer: Result<(), PortError>) -> String {
    answer.map_or_else(|error| error.kind.to_string(), |()| "ok".to_owned())
}

const fn call(call: Alarming, answer: &'static str) -> Row {
    (Call::Alarming(call), answer)
}

/// Calls about alarms, and the answer that each has to get.
///
/// Source: CloudWatch API reference.
pub const CASES: &[(&str, &[Row])] = &[
    (
        "alarm is replaced as a whole and keeps the tags that it was made with",
        &[
            call(Alarming::Put("a", 1, "us"), "ok"),
            call(Alarming::Put("b", 1, "us"), "ok"),
            call(Alarming::Put("a", 2, "others"), "ok"),
            call(Alarming::List(""), "a above 2, b above 1"),
            call(Alarming::List("b"), "b above 1"),
            call(Alarming::Describe(&["a", "missing"]), "a above 2"),
            call(Alarming::Owner("a"), "us"),
            call(Alarming::Owner("missing"), "none"),
            call(Alarming::PutSilenced("b", 3), "ok"),
            call(Alarming::List("b"), "b above 3 silenced"),
            call(Alarming::Owner("b"), "us"),
        ],
    ),
    (
        "alarm can't cover or wait for what isn't there, and what is covered can't be deleted",
        &[
            call(Alarming::Cover("over", &["a"], None), "refused"),
            call(Alarming::Put("a", 1, "us"), "ok"),
            call(Alarming::Put("b", 1, "us"), "ok"),
            call(Alarming::Cover("down", &["a"], None), "ok"),
            call(Alarming::Cover("over", &["b"], Some("missing")), "refused"),
            call(Alarming::Cover("over", &["b"], Some("down")), "ok"),
            call(Alarming::List(""), "a above 1, b above 1, down ALARM(\"a\"), over ALARM(\"b\") unless down"),
            call(Alarming::Delete(&["a"]), "refused"),
            call(Alarming::Delete(&["down"]), "refused"),
            call(Alarming::Delete(&["over"]), "ok"),
            call(Alarming::Delete(&["down"]), "ok"),
            call(Alarming::Delete(&["a", "b"]), "ok, ok"),
            call(Alarming::List(""), ""),
        ],
    ),
    (
        "alarm that is gone counts as deleted and hinders no other",
        &[
            call(Alarming::Put("a", 1, "us"), "ok"),
            call(Alarming::Delete(&["a", "missing"]), "ok, ok"),
            call(Alarming::Delete(&["missing"]), "ok"),
            call(Alarming::List(""), ""),
        ],
    ),
    (
        "dashboard is replaced as a whole, and one that is gone counts as deleted",
        &[
            call(Alarming::Draw("a", "first"), "ok"),
            call(Alarming::Draw("b", "other"), "ok"),
            call(Alarming::Draw("a", "second"), "ok"),
            call(Alarming::Dashboards(""), "a: second, b: other"),
            call(Alarming::Erase("a"), "ok"),
            call(Alarming::Erase("a"), "ok"),
            call(Alarming::Dashboards(""), "b: other"),
        ],
    ),
];
