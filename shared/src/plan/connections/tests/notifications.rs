//! The topic that is told of requests.

use super::*;

fn topic() -> TopicArn {
    "arn:aws:sns:eu-west-1:222222222222:drawbridge-connections".parse().unwrap()
}

#[test]
fn topic_that_is_not_told_of_connections_is_told_from_now_on() {
    let observed = Observed { service: Some(service()), missing_topic: Some(topic()), ..Observed::default() };
    let plan = plan(&key(Scope::Sweep), &observed, &rules("", MEMBERS_ONLY), now());
    let steps: Vec<Step> = plan.steps.iter().map(|(step, _)| step.clone()).collect();
    assert_eq!(steps, [Step::Notify(topic())]);
    let (_, decision) = &plan.steps[0];
    assert_eq!(decision.detail.as_deref(), Some("to arn:aws:sns:eu-west-1:222222222222:drawbridge-connections"));
    assert_eq!((decision.outcome, decision.reason.as_ref()), (Outcome::Notify, reason::NOT_NOTIFIED));
}

#[test]
fn service_that_is_not_looked_after_tells_nobody() {
    let silent = EndpointService { tags: Tags::new(), ..service() };
    let observed = Observed { service: Some(silent), missing_topic: Some(topic()), ..Observed::default() };
    assert_eq!(plan(&key(Scope::Sweep), &observed, &rules("", MEMBERS_ONLY), now()).steps, []);
}

#[test]
fn only_a_sweep_looks_and_only_where_the_topic_can_be_told() {
    let network = service();
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/gwy/a/0a1b2c3d4e5f6071";
    let gateway = EndpointService { load_balancers: [balancer.to_owned()].into(), ..service() };
    let elsewhere = TopicArn { region: "eu-central-1".parse().unwrap(), ..topic() };
    assert!(ought_to_notify(&network, Scope::Sweep, &topic()));
    for (service, scope, topic) in [
        (&network, Scope::Requests, topic()),
        (&network, Scope::Everything, topic()),
        (&network, Scope::Sweep, elsewhere),
        (&gateway, Scope::Sweep, topic()),
    ] {
        assert!(!ought_to_notify(service, scope, &topic), "{service:?} {scope:?} {topic}");
    }
}
