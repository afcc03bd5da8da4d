//! The dashboard of a service: what a person on call looks at first. From the top: what is in alarm, what goes through, who is
//! connected, what breaks, what is alive in which zone, what was decided.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Key, Observed, Wanted, Watched, about_service, home, name,
    service::{network_load_balancer, target_group},
    widget::{Graph, Line, Widget, body, plain},
};
use crate::{
    model::{AccountId, Alarm, AlarmRule, Connection, Known, Membership, Metric, partition, printable, tag},
    policy::{AlarmProfile, Configuration, Rules},
};

const SERVICES: &str = "AWS/PrivateLinkServices";
const LOAD_BALANCERS: &str = "AWS/NetworkELB";

/// Most alarms of a widget that shows their states.
///
/// Source: CloudWatch API reference, "Dashboard body structure and syntax", alarm widget.
const ALARMS: usize = 100;
/// Consumers of one graph: as many lines as can be told apart, and fewer than a widget may have (500).
const LINES: usize = 50;
/// Consumers of one dashboard, which may have 2,500 metrics and 500 widgets: the others have room, too.
const CONSUMERS: usize = 2_000;
/// Metrics of a dashboard. Source: CloudWatch user guide, "CloudWatch service quotas".
const METRICS: usize = 2_500;
/// Lines of targets: 41 target groups in six zones, or more in fewer. What is beyond has its alarms, and isn't drawn.
const TARGETS: usize = 500;
/// The decisions that are told one by one.
const LATEST: usize = 20;

/// Wants the dashboard of a service, or several when it has more consumers than one can show.
pub fn want(key: &Key, watched: &Watched, observed: &Observed, rules: &Rules, wanted: &mut Wanted) {
    let configuration = &rules.configuration;
    let service = &watched.service.key;
    let is_known = |connection: &Connection| match observed.accounts.get(&connection.owner) {
        Some(Known { membership: Membership::Unknown { .. }, .. }) | None => false,
        Some(_) => true,
    };
    let consumers: Vec<&Connection> =
        watched.connections.iter().filter(|connection| connection.state.is_established()).collect();
    let drawing = Drawing { key, watched, accounts: &observed.accounts, configuration };
    let alarms: Vec<Alarm> = wanted
        .alarms
        .iter()
        .filter(|(alarm, _)| {
            alarm.name.starts_with(&name::of_service(&service.account, &service.service, configuration))
        })
        .map(|(alarm, _)| alarm.clone())
        .collect();
    // Without the names of all accounts nothing is drawn: what stands has them.
    let all_known = watched.connections.iter().all(is_known);
    // On the first one there is more than consumers.
    let room = METRICS.saturating_sub(drawing.first(&alarms, &[]).iter().map(Widget::metrics).sum());
    let (first, further) = consumers.split_at(consumers.len().min(room).min(CONSUMERS));
    for (number, part) in std::iter::once(first).chain(further.chunks(CONSUMERS)).enumerate() {
        let name = name::dashboard(service, number, configuration);
        let drawn = all_known.then(|| {
            let widgets = if number == 0 { drawing.first(&alarms, part) } else { drawing.further(part) };
            (body(&widgets), about_service(service, &name))
        });
        wanted.dashboards.insert(name, drawn);
    }
}

/// Whether a dashboard says that this deployment made it.
pub fn is_marked(body: &str, configuration: &Configuration) -> bool {
    let body: Option<Value> = serde_json::from_str(body).ok();
    let text = body.as_ref().and_then(|body| body.pointer("/widgets/0/properties/markdown")).and_then(Value::as_str);
    text.is_some_and(|text| text.contains(&mark(configuration)))
}

/// The line by which our dashboards are known: they can't be told by tags everywhere.
fn mark(configuration: &Configuration) -> String {
    format!("Made by Drawbridge \\({}\\)", plain(configuration.deployment.as_str()))
}

/// What a dashboard is drawn from.
struct Drawing<'a> {
    key: &'a Key,
    watched: &'a Watched,
    accounts: &'a BTreeMap<AccountId, Known>,
    configuration: &'a Configuration,
}

impl Drawing<'_> {
    fn first(&self, alarms: &[Alarm], consumers: &[&Connection]) -> Vec<Widget> {
        let mut widgets = vec![self.title(), self.alarms(alarms)];
        widgets.extend(self.traffic());
        widgets.extend(self.consumers(consumers));
        widgets.extend(self.faults());
        widgets.extend(self.targets());
        widgets.push(self.decisions());
        widgets.retain(|widget| widget.kind != "alarm" || !alarms.is_empty());
        widgets
    }

    fn further(&self, consumers: &[&Connection]) -> Vec<Widget> {
        std::iter::once(self.title()).chain(self.consumers(consumers)).collect()
    }

    fn title(&self) -> Widget {
        let service = &self.watched.service;
        let name = service.tags.get("Name").map_or_else(String::new, |name| format!("{} · ", plain(name)));
        let runbook = self.configuration.alarms.runbook.as_ref();
        let runbook = runbook.map_or_else(String::new, |runbook| format!(" · [Runbook]({runbook})"));
        let text = format!(
            "## {name}{}\n{} in {} of account {}{runbook}\n\n{}: what is changed by hand is written over.",
            service.key.service,
            plain(&service.name),
            self.key.region,
            self.key.account,
            mark(self.configuration),
        );
        Widget::text(&text, 3)
    }

    /// The states of the service's alarms, those over the others first.
    fn alarms(&self, alarms: &[Alarm]) -> Widget {
        let home = home(&self.key.account, self.configuration);
        let region = &self.key.region;
        let arn = |alarm: &Alarm| {
            format!("arn:{}:cloudwatch:{region}:{home}:alarm:{}", partition(region.as_str()), alarm.name)
        };
        let (over, below): (Vec<&Alarm>, Vec<&Alarm>) =
            alarms.iter().partition(|alarm| matches!(alarm.rule, AlarmRule::Composite { .. }));
        let arns: Vec<String> = over.into_iter().chain(below).map(arn).take(ALARMS).collect();
        Widget::alarms("Alarms", &arns)
    }

    fn traffic(&self) -> Vec<Widget> {
        let one = |title, metric, statistic| {
            let line = self.of_service(metric, statistic, title, &[]);
            Widget::graph(self.graph(title, 60, 8), &[line])
        };
        vec![
            one("Bytes processed", "BytesProcessed", "Sum"),
            one("New connections", "NewConnections", "Sum"),
            one("Active connections", "ActiveConnections", "Maximum"),
        ]
    }

    /// Connections of each consumer, by the name of its account.
    fn consumers(&self, consumers: &[&Connection]) -> Vec<Widget> {
        let line = |connection: &&Connection| {
            let label = format!("{} · {}", self.account(&connection.owner), connection.endpoint);
            self.of_service(
                "ActiveConnections",
                "Maximum",
                &label,
                &[("VPC Endpoint Id", connection.endpoint.as_str())],
            )
        };
        let graphs = consumers.chunks(LINES).map(|consumers| {
            let lines: Vec<Line> = consumers.iter().map(line).collect();
            let graph = Graph { stacked: true, ..self.graph("Active connections by consumer", 60, 24) };
            Widget::graph(graph, &lines)
        });
        graphs.collect()
    }

    fn faults(&self) -> Vec<Widget> {
        let resets = self.of_service("RstPacketsSent", "Sum", "to consumers", &[]);
        let of_balancers = |metric: &str| -> Vec<Line> {
            self.balancers().map(|balancer| self.of_balancer(metric, "Sum", short(balancer), &[], balancer)).collect()
        };
        let resets: Vec<Line> = std::iter::once(resets).chain(of_balancers("TCP_Target_Reset_Count")).collect();
        let limit = self.configuration.alarms.setting(AlarmProfile::ResetsSent);
        let limit = limit.map(|setting| (setting.threshold.as_f64(), "alarm"));
        let mut refused = Vec::new();
        for (metric, what) in [
            ("PortAllocationErrorCount", "no port"),
            ("SecurityGroupBlockedFlowCount_Inbound_TCP", "security group"),
            ("RejectedFlowCount", "rejected"),
        ] {
            refused.extend(
                of_balancers(metric)
                    .into_iter()
                    .map(|line| Line { label: format!("{what} · {}", line.label), ..line }),
            );
        }
        let endpoints = self.of_service("EndpointsCount", "Maximum", "endpoints", &[]);
        let mut widgets = vec![
            Widget::graph(Graph { limit, ..self.graph("Resets", 60, 8) }, &resets),
            Widget::graph(self.graph("Endpoints", 300, 8), &[endpoints]),
        ];
        if !refused.is_empty() {
            widgets.insert(1, Widget::graph(self.graph("Connections refused", 60, 8), &refused));
        }
        widgets
    }

    /// Healthy and unhealthy targets of each Availability Zone.
    fn targets(&self) -> Vec<Widget> {
        let mut lines = Vec::new();
        for (balancer, groups) in &self.watched.target_groups {
            let Some(balancer) = network_load_balancer(balancer) else { continue };
            for group in groups.iter().filter_map(|group| target_group(group)) {
                for zone in &self.watched.service.availability_zones {
                    for (metric, statistic, what) in
                        [("HealthyHostCount", "Minimum", "healthy"), ("UnHealthyHostCount", "Maximum", "unhealthy")]
                    {
                        let name = group.trim_start_matches("targetgroup/").split('/').next().unwrap_or_default();
                        let label = format!("{zone} {what} · {name}");
                        let more = [("TargetGroup", group), ("AvailabilityZone", zone.as_str())];
                        lines.push(self.of_balancer(metric, statistic, &label, &more, balancer));
                    }
                }
            }
        }
        lines.truncate(TARGETS);
        let limit = self.configuration.alarms.setting(AlarmProfile::HealthyTargets);
        let limit = limit.map(|setting| (setting.threshold.as_f64(), "alarm below"));
        let graph = Graph { limit, ..self.graph("Targets by Availability Zone", 60, 24) };
        lines.chunks(LINES).map(|lines| Widget::graph(graph, lines)).collect()
    }

    /// How many connections stand how, and what was decided last.
    fn decisions(&self) -> Widget {
        let connections = &self.watched.connections;
        let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        let tag = |connection: &'_ Connection, key: &str| connection.tags.get(key).cloned().unwrap_or_default();
        let decided: Vec<(&Connection, [String; 4])> = connections
            .iter()
            .map(|connection| {
                let recorded = [tag::DECIDED_AT, tag::DECISION, tag::REASON, tag::POLICY];
                (connection, recorded.map(|key| tag(connection, key)))
            })
            .collect();
        for (connection, [_, decision, reason, _]) in &decided {
            *counts.entry((connection.state.as_str(), decision, reason)).or_default() += 1;
        }
        let mut text =
            "### Connections by decision\n|State|Decision|Reason|Connections|\n|---|---|---|---|\n".to_owned();
        for ((state, decision, reason), count) in &counts {
            text.extend([
                "|",
                &plain(state),
                "|",
                &plain(decision),
                "|",
                &plain(reason),
                "|",
                &count.to_string(),
                "|\n",
            ]);
        }
        let mut latest: Vec<_> = decided.iter().filter(|(_, [at, ..])| !at.is_empty()).collect();
        latest.sort_by(|(left, [left_at, ..]), (right, [right_at, ..])| {
            right_at.cmp(left_at).then_with(|| left.endpoint.cmp(&right.endpoint))
        });
        text += "\n### Latest decisions\n|At|Decision|Reason|Policy|Account|Endpoint|\n|---|---|---|---|---|---|\n";
        for (connection, recorded) in latest.into_iter().take(LATEST) {
            let recorded = recorded.each_ref().map(|text| plain(text));
            let account = plain(&self.account(&connection.owner));
            text.extend(["|", &recorded.join("|"), "|", &account, "|", connection.endpoint.as_str(), "|\n"]);
        }
        let rows = u32::try_from(counts.len() + connections.len().min(LATEST)).unwrap_or(u32::MAX);
        Widget::text(&text, (rows / 2).saturating_add(4).min(20))
    }

    fn graph<'a>(&'a self, title: &'a str, period: u32, width: u32) -> Graph<'a> {
        Graph { title, region: &self.key.region, period, stacked: false, width, limit: None }
    }

    fn of_service(&self, metric: &str, statistic: &'static str, label: &str, more: &[(&str, &str)]) -> Line {
        let service = self.watched.service.key.service.as_str();
        self.line(SERVICES, metric, statistic, label, &[&[("Service Id", service)], more].concat())
    }

    fn of_balancer(
        &self,
        metric: &str,
        statistic: &'static str,
        label: &str,
        more: &[(&str, &str)],
        balancer: &str,
    ) -> Line {
        self.line(LOAD_BALANCERS, metric, statistic, label, &[&[("LoadBalancer", balancer)], more].concat())
    }

    fn line(
        &self,
        namespace: &str,
        metric: &str,
        statistic: &'static str,
        label: &str,
        dimensions: &[(&str, &str)],
    ) -> Line {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let home = home(&self.key.account, self.configuration);
        Line {
            metric: Metric { namespace: namespace.to_owned(), name: metric.to_owned(), dimensions },
            label: label.to_owned(),
            statistic,
            account: (home != &self.key.account).then(|| self.key.account.clone()),
        }
    }

    fn balancers(&self) -> impl Iterator<Item = &str> {
        self.watched.target_groups.keys().filter_map(|balancer| network_load_balancer(balancer))
    }

    /// An account as people call it.
    fn account(&self, account: &AccountId) -> String {
        let name = match self.accounts.get(account) {
            Some(Known { membership: Membership::Member(member), .. }) => member.name.as_deref(),
            _ => None,
        };
        name.map_or_else(|| account.to_string(), |name| format!("{} ({account})", printable(name)))
    }
}

/// A load balancer's own name.
fn short(balancer: &str) -> &str {
    balancer.split('/').nth(1).unwrap_or(balancer)
}
