//! Alarms, dashboards and metrics. Each test has an account of its own.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use drawbridge::{
    aws::CloudWatch,
    model::{
        AccountId, Alarm, AlarmLimit, AlarmRule, Comparison, Metric, MetricQuery, MetricRule, MissingData, QuerySource,
        Region, StandingAlarm, Suppressor, Tags,
    },
    port::{Alarms, Dashboards, FailureKind, Metrics},
    reconcile::Permit,
};
use serde_json::{Value, json};

use super::{aws, calls, emulator, fault, rules};

fn here() -> Region {
    "eu-west-1".parse().unwrap()
}

async fn cloudwatch(account: &str) -> CloudWatch {
    emulator::organization();
    aws(account).await.cloudwatch("test", &rules(account, &format!("'{account}'")).configuration)
}

/// CloudWatch as people use it.
async fn by_hand(account: &str) -> aws_sdk_cloudwatch::Client {
    aws_sdk_cloudwatch::Client::new(&emulator::loader(account).load().await)
}

fn metric(name: &str) -> Metric {
    let dimensions = [
        ("Endpoint Type", "Interface"),
        ("Service Name", "com.amazonaws.eu-west-1.ec2"),
        ("VPC Endpoint Id", "vpce-0f1e2d3c4b5a69788"),
        ("VPC Id", "vpc-0a1b2c3d4e5f60718"),
    ];
    Metric {
        namespace: "AWS/PrivateLinkEndpoints".to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn statistic(id: &str, account: Option<&str>, returns: bool) -> MetricQuery {
    let (metric, statistic) = (metric("ActiveConnections"), "Average".to_owned());
    MetricQuery {
        id: id.to_owned(),
        source: QuerySource::Statistic { metric, statistic, period: 300 },
        account: account.map(|account| account.parse().unwrap()),
        returns,
    }
}

fn expression(id: &str, text: &str, period: Option<i32>) -> MetricQuery {
    let source = QuerySource::Expression { text: text.to_owned(), period };
    MetricQuery { id: id.to_owned(), source, account: None, returns: true }
}

fn alarm(name: &str, queries: Vec<MetricQuery>, comparison: Comparison, limit: AlarmLimit) -> Alarm {
    let rule = MetricRule { queries, periods: 3, datapoints: 3, comparison, limit, missing: MissingData::Ignore };
    Alarm {
        name: format!("drawbridge/hub/{name}"),
        description: "What it means. https://example.com/runbook#idle".to_owned(),
        alarm_actions: [
            "arn:aws:sns:eu-west-1:222222222222:a".to_owned(),
            "arn:aws:sns:eu-west-1:222222222222:b".to_owned(),
        ]
        .into(),
        ok_actions: ["arn:aws:sns:eu-west-1:222222222222:a".to_owned()].into(),
        rule: AlarmRule::Metric(rule),
    }
}

/// An alarm in each of the forms that we write.
fn every_form() -> Vec<Alarm> {
    let threshold = || AlarmLimit::Threshold(50.into());
    let query = "SELECT SUM(PacketsDropped) FROM SCHEMA(\"AWS/PrivateLinkEndpoints\", \"Endpoint Type\", \"Service Name\", \
                 \"VPC Endpoint Id\", \"VPC Id\") GROUP BY \"Service Name\", \"VPC Endpoint Id\" ORDER BY SUM() DESC";
    let drop = expression("e1", "-100 * DIFF(m1) / (m1 - DIFF(m1))", None);
    let band = expression("ad1", "ANOMALY_DETECTION_BAND(m1, 2)", None);
    let over = |name: &str, expression: &str, suppressor| Alarm {
        rule: AlarmRule::Composite { expression: expression.to_owned(), suppressor },
        ..alarm(name, Vec::new(), Comparison::Above, threshold())
    };
    let down = Suppressor { alarm: "drawbridge/hub/over".to_owned(), wait: 300, extension: 300 };
    vec![
        alarm("plain", vec![statistic("m1", None, true)], Comparison::Below, threshold()),
        alarm("elsewhere", vec![statistic("m1", Some("444444444444"), true)], Comparison::AtLeast, threshold()),
        alarm("drop", vec![statistic("m1", None, false), drop], Comparison::AtLeast, threshold()),
        alarm(
            "band",
            vec![statistic("m1", None, true), band],
            Comparison::OutsideBand,
            AlarmLimit::Band("ad1".to_owned()),
        ),
        alarm("query", vec![expression("q1", query, Some(60))], Comparison::Above, threshold()),
        over("over", "ALARM(\"drawbridge/hub/plain\") OR ALARM(\"drawbridge/hub/drop\")", None),
        over("degraded", "ALARM(\"drawbridge/hub/band\")", Some(down)),
    ]
}

#[tokio::test]
async fn alarm_of_every_form_is_read_as_it_was_written() {
    let account: AccountId = "210000000001".parse().unwrap();
    let port = cloudwatch(account.as_str()).await;
    let tags = Tags::from([("drawbridge:owner".to_owned(), "hub".to_owned())]);
    for alarm in every_form() {
        port.put_alarm(&account, &here(), &alarm, true, &tags, &Permit::for_tests()).await.unwrap();
    }
    let listed = port.list_alarms(&account, &here(), "drawbridge/hub/").await.unwrap();
    let by_name = |alarms: Vec<Alarm>| -> BTreeMap<String, Alarm> {
        alarms.into_iter().map(|alarm| (alarm.name.clone(), alarm)).collect()
    };
    let read = by_name(listed.iter().map(|standing| standing.alarm.clone()).collect());
    assert_eq!(read, by_name(every_form()));
    assert!(listed.iter().all(|StandingAlarm { acts, is_partial, .. }| *acts && !is_partial));
    let arns = listed.iter().map(|standing| standing.arn.clone()).collect();
    let found = port.alarm_tags(&account, &here(), &arns).await.unwrap();
    assert_eq!(found, arns.into_iter().map(|arn| (arn, tags.clone())).collect());
}

#[tokio::test]
async fn what_others_have_changed_makes_it_another_alarm() {
    let account = "210000000002";
    let id: AccountId = account.parse().unwrap();
    let port = cloudwatch(account).await;
    let plain = every_form().remove(0);
    port.put_alarm(&id, &here(), &plain, true, &Tags::new(), &Permit::for_tests()).await.unwrap();
    let call = by_hand(account).await.put_metric_alarm().alarm_name(&plain.name).namespace("AWS/PrivateLinkEndpoints");
    let call = call.metric_name("ActiveConnections").extended_statistic("p90").period(300).evaluation_periods(3);
    let call = call.threshold(50.0).comparison_operator(ComparisonOperator::LessThanThreshold);
    call.send().await.unwrap();
    let found = port.list_alarms(&id, &here(), &plain.name).await.unwrap();
    assert_eq!(found[0].alarm.rule, AlarmRule::Other);
    assert!(found[0].alarm.alarm_actions.is_empty());
}

#[tokio::test]
async fn alarms_are_listed_over_pages_and_deleted_a_hundred_at_a_time() {
    let account = "210000000003";
    let id: AccountId = account.parse().unwrap();
    let port = cloudwatch(account).await;
    // Made by hand, as our own writes keep their pace.
    let hand = by_hand(account).await;
    for number in 0..103 {
        let name = format!("drawbridge/hub/{number:03}");
        let call = hand.put_metric_alarm().alarm_name(&name).namespace("n").metric_name("m").statistic(Statistic::Sum);
        let call = call.period(60).evaluation_periods(1).threshold(1.0);
        call.comparison_operator(ComparisonOperator::LessThanThreshold).send().await.unwrap();
    }
    let before = calls(account, "cloudwatch", "DescribeAlarms");
    let listed = port.list_alarms(&id, &here(), "drawbridge/").await.unwrap();
    let names: BTreeSet<String> = listed.iter().map(|standing| standing.alarm.name.clone()).collect();
    assert_eq!((names.len(), calls(account, "cloudwatch", "DescribeAlarms") - before), (103, 2));
    let described = port.describe_alarms(&id, &here(), &names).await.unwrap();
    assert_eq!((described.len(), calls(account, "cloudwatch", "DescribeAlarms") - before), (103, 4));
    let answers = port.delete_alarms(&id, &here(), &names, &Permit::for_tests()).await;
    assert!(answers.len() == 103 && answers.values().all(Result::is_ok), "{answers:?}");
    assert_eq!(calls(account, "cloudwatch", "DeleteAlarms"), 2);
    assert_eq!(port.list_alarms(&id, &here(), "drawbridge/").await.unwrap(), []);
}

#[tokio::test]
async fn metrics_of_an_endpoint_are_listed_with_all_their_dimensions() {
    let account = "210000000004";
    let id: AccountId = account.parse().unwrap();
    let port = cloudwatch(account).await;
    let dimensions = metric("PacketsDropped").dimensions;
    let dimensions: Vec<Value> =
        dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let data = json!({
        "account": account, "region": "eu-west-1", "namespace": "AWS/PrivateLinkEndpoints",
        "metric_data": [{ "MetricName": "PacketsDropped", "Dimensions": dimensions, "Value": 3 }],
    });
    emulator::control("POST", "metrics", &data);
    let listed = port.list_metrics(&id, &here(), "AWS/PrivateLinkEndpoints", &id).await.unwrap();
    assert_eq!(listed, BTreeSet::from([metric("PacketsDropped")]));
    assert_eq!(port.list_metrics(&id, &here(), "AWS/NetworkELB", &id).await.unwrap(), BTreeSet::new());
}

#[tokio::test]
async fn errors_are_told_apart() {
    let account = "210000000005";
    let id: AccountId = account.parse().unwrap();
    let port = cloudwatch(account).await;
    let alarm = every_form().remove(0);
    let (region, tags, permit) = (here(), Tags::new(), Permit::for_tests());
    let put = || port.put_alarm(&id, &region, &alarm, true, &tags, &permit);
    for (code, status, kind) in [
        ("Throttling", 400, FailureKind::Retry),
        ("AccessDenied", 403, FailureKind::Denied),
        ("LimitExceeded", 400, FailureKind::Refused),
        ("InternalServiceError", 500, FailureKind::Retry),
    ] {
        let ordered = fault(
            account,
            "cloudwatch",
            "PutMetricAlarm",
            &json!({ "code": code, "http_status": status, "count": -1 }),
        );
        let error = put().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)), "{error}");
        emulator::control("DELETE", &format!("faults/{ordered}"), &Value::Null);
    }
    put().await.unwrap();
    assert_eq!(port.dashboard(&id, &here(), "missing").await.unwrap(), None);
    let error = port.put_dashboard(&id, &here(), "broken", "{}", &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Refused, "{error}");
}
