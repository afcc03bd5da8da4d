//! What every field of a template stands for.

use super::*;

#[test]
fn endpoint_and_its_interfaces_get_what_is_known_of_the_account_and_the_endpoint() {
    for (from, expected) in [
        ("{account.id}", "444444444444"),
        ("{account.name}", "payments"),
        ("{account.ou-path}", "Workloads/Production"),
        ("{account.ou-id}", "ou-ab12-22222222"),
        ("{account.tag.cost-centre}", "4711"),
        ("{endpoint.id}", ENDPOINT),
        ("{endpoint.service-name}", "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718"),
        ("{endpoint.vpc-id}", "vpc-0a1b2c3d4e5f60718"),
        ("{endpoint.tag.Name}", "pay"),
        ("{region}", "eu-west-1"),
        ("{deployment}", "hub"),
        ("constant", "constant"),
        ("{account.name} ({account.id})", "payments _444444444444_"),
    ] {
        let plan = of_endpoint(&observed(&json!({ "Name": "pay" })), &rules(&json!({ "x": { "from": from } })));
        let written = format!("drawbridge:tags=hub x, x={expected}");
        assert_eq!([on(&plan, ENDPOINT), on(&plan, INTERFACE)], [written.clone(), written], "{from}");
        assert_eq!(held(&plan), [] as [&str; 0]);
    }
}

#[test]
fn endpoint_and_its_interfaces_get_who_made_the_endpoint() {
    let mut observed = observed(&json!({}));
    observed.creations = [creation(ResourceKind::Endpoint, ENDPOINT, "deployer")].into();
    for (from, expected) in [
        ("{creator.name}", "deployer"),
        ("{creator.kind}", "AssumedRole"),
        ("{creator.session}", "ci-7"),
        ("{creator.account}", "444444444444"),
        ("{creator.time}", "2026-11-01T10:00:00Z"),
    ] {
        let plan = of_endpoint(&observed, &rules(&json!({ "x": { "from": from } })));
        let written = format!("drawbridge:tags=hub x, x={expected}");
        assert_eq!([on(&plan, ENDPOINT), on(&plan, INTERFACE)], [written.clone(), written], "{from}");
    }
    let nobody =
        of_endpoint(&observed, &rules(&json!({ "x": { "from": "{creator.invoked-by}", "default": "person" } })));
    assert_eq!(on(&nobody, ENDPOINT), "drawbridge:tags=hub x, x=person");
}

#[test]
fn connection_gets_what_is_known_of_the_consumer_and_the_decision() {
    let observed = Observed {
        services: vec![service(SERVICE, &json!({ "product": "payments-api" }))],
        connections: vec![(
            SERVICE.parse().unwrap(),
            connection(&json!({ "drawbridge:policy": "members", "drawbridge:reason": "PERMITTED" })),
        )],
        endpoints: Vec::new(),
        ..observed(&json!({}))
    };
    for (from, expected) in [
        ("{consumer.id}", CONSUMER),
        ("{consumer.name}", "payments"),
        ("{consumer.ou-path}", "Workloads/Production"),
        ("{consumer.ou-id}", "ou-ab12-22222222"),
        ("{consumer.tag.cost-centre}", "4711"),
        ("{decision.policy}", "members"),
        ("{decision.reason}", "PERMITTED"),
        ("{endpoint.id}", ENDPOINT),
        ("{service.id}", SERVICE),
        ("{service.tag.product}", "payments-api"),
        ("{account.id}", HUB),
    ] {
        let rules = rules(&json!({ "x": { "from": from, "on": ["connection"] } }));
        for what in [What::Services, What::Connections(Consumer::Endpoint(ENDPOINT.parse().unwrap()))] {
            let plan = plan_of(what, &observed, &rules);
            let written = format!("drawbridge:tags=hub x, x={expected}");
            assert_eq!(on(&plan, "vpce-svc-con-0a1b2c3d4e5f60718"), written, "{from}");
        }
    }
}

#[test]
fn consumer_outside_the_organization_has_an_id_and_nothing_else() {
    let mut observed = observed(&json!({}));
    observed.endpoints.clear();
    observed.services = vec![service(SERVICE, &json!({}))];
    observed.connections = vec![(SERVICE.parse().unwrap(), connection(&json!({})))];
    let known = |membership| [(CONSUMER.parse().unwrap(), Known { membership, at: now() })].into();
    let rules = rules(&json!({
        "id": { "from": "{consumer.id}" }, "name": { "from": "{consumer.name}", "default": "stranger" },
        "unit": { "from": "{consumer.ou-path}" }
    }));
    observed.accounts = known(Membership::Outside);
    let plan = plan_of(What::Services, &observed, &rules);
    let written = "drawbridge:tags=hub id+name, id=444444444444, name=stranger";
    assert_eq!(on(&plan, "vpce-svc-con-0a1b2c3d4e5f60718"), written);
    // What isn't known is no default.
    observed.accounts = known(Membership::Unknown { why: "throttled".to_owned() });
    let plan = plan_of(What::Services, &observed, &rules);
    assert_eq!(on(&plan, "vpce-svc-con-0a1b2c3d4e5f60718"), "drawbridge:tags=hub id, id=444444444444");
}

#[test]
fn unit_whose_name_is_not_known_leaves_the_path_as_it_is() {
    let mut observed = observed(&json!({ "unit": "Workloads", "drawbridge:tags": "hub unit" }));
    let rules = rules(&json!({ "unit": { "from": "{account.ou-path}", "default": "none" } }));
    observed.units.remove(&"ou-ab12-22222222".parse().unwrap());
    assert_eq!(of_endpoint(&observed, &rules), Plan::default());
    let (account, at_the_root) = member(CONSUMER, "payments", "o-a1b2c3d4e5/r-ab12/", &json!({}));
    observed.accounts = [(account, at_the_root)].into();
    assert_eq!(on(&of_endpoint(&observed, &rules), ENDPOINT), "unit=Root");
}

/// A load balancer behind services with these tags.
fn shared(services: &[(&str, Value)]) -> Observed {
    let behind = Behind { tags: Tags::new(), load_balancers: [BALANCER.to_owned()].into() };
    Observed {
        services: services.iter().map(|(id, tags)| service(id, tags)).collect(),
        behind: [(Resource::new(ResourceKind::LoadBalancer, BALANCER), behind)].into(),
        ..Observed::default()
    }
}

#[test]
fn load_balancer_behind_several_services_names_all_of_them_whichever_is_looked_at() {
    let other = "vpce-svc-0b1b2c3d4e5f60718";
    let observed = shared(&[(SERVICE, json!({ "product": "a" })), (other, json!({ "product": "a" }))]);
    let rules = rules(&json!({
        "service": { "from": "{service.id}", "on": ["load-balancer"] },
        "product": { "from": "{service.tag.product}", "on": ["load-balancer"] }
    }));
    for what in [What::Services, What::Service(SERVICE.parse().unwrap()), What::Service(other.parse().unwrap())] {
        let written = format!("drawbridge:tags=hub product+service, product=a, service={SERVICE} {other}");
        assert_eq!(on(&plan_of(what, &observed, &rules), BALANCER), written);
    }
}

#[test]
fn load_balancer_whose_services_disagree_is_left_and_told() {
    let other = "vpce-svc-0b1b2c3d4e5f60718";
    let rules = rules(&json!({ "product": { "from": "{service.tag.product}", "on": ["load-balancer"] } }));
    for products in [[json!({ "product": "a" }), json!({ "product": "b" })], [json!({ "product": "a" }), json!({})]] {
        let [one, two] = products;
        let plan = plan_of(What::Services, &shared(&[(SERVICE, one), (other, two)]), &rules);
        let expected = "the endpoint services that share it have different values; give them the same one";
        assert_eq!(held(&plan), [format!("CONFLICT: tag product of {BALANCER}: {expected}")]);
        assert_eq!(plan.steps, []);
    }
}
