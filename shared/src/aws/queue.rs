//! Amazon SQS: messages of the function to itself, to be woken later.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;

use super::error::port_error;
use crate::{
    port::{PortError, Queue},
    reconcile::Permit,
};

const SEND: &str = "sqs:SendMessage";

/// One queue.
#[derive(Debug, Clone)]
pub struct Sqs {
    client: Client,
    url: String,
}

impl Sqs {
    pub(super) fn new(config: &SdkConfig, url: String) -> Self {
        Self { client: Client::new(config), url }
    }
}

impl Queue for Sqs {
    async fn send(&self, message: &serde_json::Value, after: Duration, _: &Permit) -> Result<(), PortError> {
        let call = self.client.send_message().queue_url(&self.url).message_body(message.to_string());
        let sent = call.delay_seconds(whole_seconds(after)).send().await;
        sent.map(|_| ()).map_err(|error| port_error(SEND, self.url.clone(), &error))
    }
}

/// The delay as SQS takes it: never earlier than asked for. What is too long for SQS is left to SQS to refuse.
fn whole_seconds(after: Duration) -> i32 {
    let seconds = after.as_secs().saturating_add(u64::from(after.subsec_nanos() > 0));
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_is_rounded_up_to_whole_seconds() {
        assert_eq!(whole_seconds(Duration::ZERO), 0);
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_mins(15)), 900);
        assert_eq!(whole_seconds(Duration::MAX), i32::MAX);
    }
}
