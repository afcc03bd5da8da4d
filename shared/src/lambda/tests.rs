use super::*;
use crate::{
    controller::connections::Connections,
    model::{Connection, ConnectionState, EndpointService, Membership, ServiceKey, Tags},
    port::{DocumentTexts, FailureKind},
    world::{Effect, Fault, World},
};

const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";

/// The documents of one mode, for ever.
struct Fixed(&'static str);

impl Documents for Fixed {
    async fn poll(&mut self) -> DocumentTexts {
        let mode = self.0;
        let configuration = format!(
            "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: {mode},
               providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}}}"
        );
        let acceptance = "@id(\"open\") permit (principal, action, resource);".to_owned();
        DocumentTexts { configuration: Ok(configuration), acceptance: Ok(acceptance) }
    }
}

fn key() -> ServiceKey {
    ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: SERVICE.parse().unwrap(),
    }
}

/// A world with one request of a stranger, whom the policy permits.
fn world() -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let service = EndpointService {
        key: key(),
        name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: None,
        verification: None,
        tags: Tags::from([("drawbridge:enabled".into(), "true".into())]),
    };
    let connection = Connection {
        endpoint: ENDPOINT.parse().unwrap(),
        owner: "999999999999".parse().unwrap(),
        state: ConnectionState::PendingAcceptance,
        id: None,
        created: None,
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    };
    let connections = [(connection.endpoint.clone(), connection)].into();
    world.change().services.insert(key(), (service, connections));
    world.change().accounts.insert("999999999999".parse().unwrap(), Membership::Outside);
    world
}

async fn invoke(world: &World, mode: &'static str, payload: Value) -> Result<Value, Diagnostic> {
    invoke_in("222222222222", world, mode, payload).await
}

async fn invoke_in(account: &str, world: &World, mode: &'static str, payload: Value) -> Result<Value, Diagnostic> {
    let settings = Settings::load(Fixed(mode), &world).await.unwrap();
    let build = |_: &Rules| Connections::new(world, world, world);
    let function = Function::new(settings, Around { bus: world, queue: Some(world), clock: world }, build);
    let mut context = Context::default();
    context.deadline = u64::MAX / 2_000_000;
    context.invoked_function_arn = format!("arn:aws:lambda:eu-west-1:{account}:function:accept-connections");
    function.handle(LambdaEvent::new(payload, context)).await
}

fn message(id: &str, body: &str) -> Value {
    json!({ "messageId": id, "receiptHandle": "r", "body": body, "eventSource": "aws:sqs", "attributes": {} })
}

fn request() -> String {
    let notification = json!({ "serviceId": SERVICE }).to_string();
    let topic = "arn:aws:sns:eu-west-1:222222222222:drawbridge-connections";
    json!({ "Type": "Notification", "TopicArn": topic, "Message": notification }).to_string()
}

fn failures(answer: &Value) -> Vec<&str> {
    let items = answer["batchItemFailures"].as_array().unwrap();
    items.iter().map(|item| item["itemIdentifier"].as_str().unwrap()).collect()
}

fn state(world: &World) -> ConnectionState {
    world.connection(&key(), &ENDPOINT.parse().unwrap()).unwrap().state
}

#[tokio::test]
async fn unreadable_message_fails_alone_and_the_rest_of_its_batch_goes_on() {
    let world = world();
    let batch = json!({ "Records": [message("bad", "{"), message("good", &request()), message("worse", "")] });
    let answer = invoke(&world, "enforce", batch).await.unwrap();
    assert_eq!(failures(&answer), ["bad", "worse"]);
    assert_eq!(state(&world), ConnectionState::Available);
}

#[tokio::test]
async fn every_message_of_an_unfinished_key_is_handed_back() {
    let world = world();
    let call = "ec2:DescribeVpcEndpointConnections";
    world.order(Fault { call: call.into(), effect: Effect::Fails(FailureKind::Retry), times: 1 });
    let batch = json!({ "Records": [message("1", &request()), message("2", &request())] });
    assert_eq!(failures(&invoke(&world, "enforce", batch).await.unwrap()), ["1", "2"]);
    assert_eq!(state(&world), ConnectionState::PendingAcceptance);
}

#[tokio::test]
async fn empty_batch_is_answered_with_nothing_failed() {
    let answer = invoke(&world(), "enforce", json!({ "Records": [] })).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn batch_with_a_message_that_could_not_be_handed_back_fails_as_a_whole() {
    let nameless = json!({ "body": "{}", "eventSource": "aws:sqs" });
    let error = invoke(&world(), "enforce", json!({ "Records": [nameless] })).await.unwrap_err();
    assert_eq!(error.error_type, "Unparsable");
}

#[tokio::test]
async fn off_takes_the_messages_and_leaves_everything_as_it_is() {
    let world = world();
    let batch = json!({ "Records": [message("1", &request()), message("bad", "{")] });
    assert_eq!(failures(&invoke(&world, "off", batch).await.unwrap()), ["bad"]);
    assert_eq!(state(&world), ConnectionState::PendingAcceptance);
    assert_eq!(world.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn event_that_invokes_the_function_directly_succeeds_or_fails_as_a_whole() {
    let world = world();
    let request: Value = serde_json::from_str(&request()).unwrap();
    assert_eq!(invoke(&world, "enforce", request.clone()).await.unwrap(), json!({}));
    assert_eq!(state(&world), ConnectionState::Available);
    let call = "ec2:DescribeVpcEndpointConnections";
    world.order(Fault { call: call.into(), effect: Effect::Fails(FailureKind::Retry), times: 1 });
    assert_eq!(invoke(&world, "enforce", request).await.unwrap_err().error_type, "Unfinished");
    assert_eq!(invoke(&world, "enforce", json!(42)).await.unwrap_err().error_type, "Unparsable");
}

#[tokio::test]
async fn decision_is_published_and_a_bus_that_fails_undoes_nothing() {
    let world = world();
    let batch = || json!({ "Records": [message("1", &request())] });
    world.order(Fault { call: "events:PutEvents".into(), effect: Effect::Fails(FailureKind::Denied), times: 1 });
    assert_eq!(failures(&invoke(&world, "enforce", batch()).await.unwrap()), [] as [&str; 0]);
    assert_eq!(state(&world), ConnectionState::Available);
    let another = self::world();
    invoke(&another, "enforce", batch()).await.unwrap();
    let events: Vec<_> = another.state().events.iter().map(|event| event.detail_type).collect();
    assert_eq!(events, ["Connection Accepted"]);
}

#[tokio::test]
async fn function_in_another_account_than_the_configured_hub_does_nothing() {
    let world = world();
    let batch = json!({ "Records": [message("1", &request())] });
    let error = invoke_in("333333333333", &world, "enforce", batch).await.unwrap_err();
    assert_eq!(
        error.error_message,
        "drawbridge.yaml: hub-account is 222222222222, but this function runs in 333333333333"
    );
    assert_eq!(world.take_calls(), [] as [&str; 0]);
}
