//! What the hub itself has: its event bus, its queue, and the documents.

use std::time::Duration;

use drawbridge::{
    port::{Bus, BusEvent, Documents, FailureKind, LONGEST_DELAY, Queue},
    reconcile::Permit,
};
use serde_json::json;

use super::{HUB, aws, emulator, fault};

#[tokio::test]
async fn events_that_are_not_taken_are_counted() {
    let bus = aws(HUB).await.bus("default".into());
    let event = BusEvent { detail_type: "Connection Accepted", resources: Vec::new(), detail: json!({}) };
    let events = vec![event; 10];
    assert_eq!(bus.publish(&events, &Permit::for_tests()).await, Ok(()));
    fault(HUB, "events", "PutEvents", &json!({ "code": "InternalFailure", "http_status": 500, "count": 3 }));
    let (failed, error) = bus.publish(&events, &Permit::for_tests()).await.unwrap_err();
    assert_eq!((failed, error.kind), (10, FailureKind::Retry));
}

#[tokio::test]
async fn documents_that_are_not_there_are_an_error_that_names_them() {
    let mut documents = aws(HUB).await.documents("appconfig:nowhere/production").unwrap();
    let error = documents.poll().await.configuration.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
    assert!(error.to_string().contains("nowhere/production/drawbridge.yaml"), "{error}");
    let mut documents = aws(HUB).await.documents("file:/nowhere").unwrap();
    assert!(documents.poll().await.configuration.unwrap_err().to_string().contains("/nowhere/drawbridge.yaml"));
    assert!(aws(HUB).await.documents("s3:bucket").is_err());
}

#[tokio::test]
async fn message_is_sent_to_arrive_later_and_no_later_than_the_queue_can() {
    let sqs = aws_sdk_sqs::Client::new(&emulator::loader(HUB).load().await);
    let made = sqs.create_queue().queue_name("wake").send().await.unwrap();
    let queue = aws(HUB).await.queue(made.queue_url().unwrap().to_owned());
    let (message, permit) = (json!({ "wake": "again" }), Permit::for_tests());
    queue.send(&message, Duration::from_millis(899_500), &permit).await.unwrap();
    let waiting = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessagesDelayed;
    let request = sqs.get_queue_attributes().queue_url(made.queue_url().unwrap()).attribute_names(waiting.clone());
    assert_eq!(request.send().await.unwrap().attributes().unwrap()[&waiting], "1");
    queue.send(&message, Duration::ZERO, &permit).await.unwrap();
    let received = sqs.receive_message().queue_url(made.queue_url().unwrap()).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some(message.to_string().as_str()));
    let error = queue.send(&message, LONGEST_DELAY + Duration::from_secs(1), &permit).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Refused, "{error}");
}

#[tokio::test]
async fn queue_that_is_not_there_is_gone() {
    let nowhere = format!("{}/{HUB}/nowhere", emulator::url());
    let error = aws(HUB).await.queue(nowhere).send(&json!({}), Duration::ZERO, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
}
