//! `approve` and `refuse`: a person's word on one connection. It stands above what nothing permits, `refuse` above all; the
//! functions read it, and can't write it.

use std::collections::BTreeSet;

use clap::Args;
use drawbridge::{
    event::own,
    model::{Approval, ConnectionId, ConnectionState, EndpointId, Tags, printable, tag},
    plan::{connections::Explanation, reason},
    port::{Bus, BusEvent, PrivateLink},
    reconcile::Permit,
};
use serde_json::json;

use crate::{
    arguments::{Access, BUS_VARIABLE},
    deployment::Deployment,
    exit::{Exit, Failure},
    output,
    search::{Found, find},
};

/// Lets a connection in that no policy permits; one that a policy forbids stays out
#[derive(Debug, Args)]
pub struct Approve {
    #[command(flatten)]
    order: Order,
}

/// Rejects a request, or cuts a connection off at once, whatever permits it
#[derive(Debug, Args)]
pub struct Refuse {
    #[command(flatten)]
    order: Order,
}

impl Approve {
    pub async fn run(self) -> Result<Exit, Failure> {
        self.order.give(Approval::Approved).await
    }
}

impl Refuse {
    pub async fn run(self) -> Result<Exit, Failure> {
        self.order.give(Approval::Refused).await
    }
}

#[derive(Debug, Args)]
struct Order {
    /// The consumer's endpoint, such as vpce-0f1e2d3c4b5a69788
    #[arg(value_name = "ENDPOINT")]
    endpoint: EndpointId,
    #[command(flatten)]
    access: Access,
    /// The hub's event bus, where a review is asked for; without it, the next sweep acts on it
    #[arg(long, env = BUS_VARIABLE, value_name = "NAME", hide_env_values = true)]
    bus: Option<String>,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

impl Order {
    async fn give(self, approval: Approval) -> Result<Exit, Failure> {
        let deployment = Deployment::load(self.access).await?;
        for found in find(&deployment, &self.endpoint).await? {
            let explanation = &found.explanation;
            if let Some(already) = already(explanation, approval) {
                output::note(&before(explanation));
                output::data(&format!("{} is {already} already; nothing was written", self.endpoint))?;
                continue;
            }
            let connection = check(explanation, approval)?;
            output::note(&before_and_after(&found, approval, &deployment));
            let question = format!("Write {}={} on {connection}?", tag::APPROVAL, approval.as_str());
            if !self.yes && !output::confirm(&question)? {
                return Err(Failure::refused("nothing was written"));
            }
            Box::pin(write(&deployment, explanation, connection, approval)).await?;
            output::data(&format!("{} is {}", self.endpoint, approval.as_str()))?;
            Box::pin(ask_for_review(&deployment, explanation, self.bus.as_deref())).await;
        }
        Ok(Exit::Fine)
    }
}

/// What it is already, if the word is there or has nothing left to do.
fn already(explanation: &Explanation, approval: Approval) -> Option<&str> {
    let connection = &explanation.connection;
    if approval == Approval::Refused && connection.state == ConnectionState::Rejected {
        return Some(connection.state.as_str());
    }
    let is_open = connection.state == ConnectionState::PendingAcceptance || connection.state.is_established();
    (is_open && Approval::read(&connection.tags) == Some(approval)).then_some(approval.as_str())
}

/// The object that takes the word, if a word on the connection changes anything.
fn check(explanation: &Explanation, approval: Approval) -> Result<&ConnectionId, Failure> {
    let connection = &explanation.connection;
    let (endpoint, service) = (&connection.endpoint, &explanation.service);
    let refused = |why: &str| Failure::refused(format!("{endpoint} can't be {}: {why}", approval.as_str()));
    match explanation.reason.as_str() {
        reason::EXEMPT | reason::NOT_OWNED | reason::NOT_SELECTED => {
            return Err(refused(&explanation.finding).remedy(format!(
                "Drawbridge leaves it alone; answer it with the aws CLI in account {}, Region {}",
                service.account, service.region
            )));
        }
        _ => {}
    }
    if connection.state != ConnectionState::PendingAcceptance && !connection.state.is_established() {
        return Err(refused(&format!("it is {}", connection.state))
            .remedy("its owner can only delete the endpoint and make a new one, which gets an id of its own"));
    }
    connection.id.as_ref().ok_or_else(|| {
        let call = match approval {
            Approval::Approved => "accept",
            Approval::Refused => "reject",
        };
        refused("AWS shows no connection object for it that could take the tag").remedy(format!(
            "in account {}: aws ec2 {call}-vpc-endpoint-connections --region {} --service-id {} --vpc-endpoint-ids {endpoint}",
            service.account, service.region, service.service
        ))
    })
}

fn before(explanation: &Explanation) -> String {
    let (connection, service) = (&explanation.connection, &explanation.service);
    format!(
        "{} of account {} at {} ({}, {}): {}\nnow:  {} {}",
        connection.endpoint,
        connection.owner,
        service.service,
        service.account,
        service.region,
        connection.state,
        printable(&explanation.finding),
        printable(&explanation.next)
    )
}

/// What stands, and what will: judged by the same rules as if the word stood there.
fn before_and_after(found: &Found, approval: Approval, deployment: &Deployment) -> String {
    let now = before(&found.explanation);
    match found.with_approval(approval, &deployment.rules) {
        Some(after) => format!("{now}\nthen: {} {}", printable(&after.finding), printable(&after.next)),
        None => now,
    }
}

async fn write(
    deployment: &Deployment,
    explanation: &Explanation,
    connection: &ConnectionId,
    approval: Approval,
) -> Result<(), Failure> {
    let tags = Tags::from([(tag::APPROVAL.to_owned(), approval.as_str().to_owned())]);
    let connections = BTreeSet::from([connection.clone()]);
    let (private_link, permit) = (deployment.private_link(), Permit::by_hand());
    let mut answers = private_link.tag_connections(&explanation.service, &connections, &tags, &permit).await;
    match answers.remove(connection) {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(Failure::from(error)),
        None => Err(Failure::unclear(format!("AWS didn't answer for {connection}"))),
    }
}

/// Has the functions look at once. The word is written, so that this fails only delays it.
async fn ask_for_review(deployment: &Deployment, explanation: &Explanation, bus: Option<&str>) {
    let Some(bus) = bus else {
        output::note(&format!("the next sweep acts on it; --bus or {BUS_VARIABLE} has it done at once"));
        return;
    };
    let service = &explanation.service;
    let event = BusEvent {
        detail_type: own::REVIEW_REQUESTED,
        resources: vec![service.arn()],
        detail: json!({ "account": service.account, "region": service.region, "services": [service.service] }),
    };
    let published = deployment.aws.bus(bus.to_owned()).publish(&[event], &Permit::by_hand()).await;
    // EventBridge takes events for a bus that isn't there, too, and drops them.
    match published {
        Ok(()) => {
            output::note(&format!("a review was asked for on the bus {bus}; at the latest, the next sweep acts on it"));
        }
        Err((_, error)) => {
            output::warn(&format!("the next sweep acts on it, as the bus could not be asked: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use drawbridge::model::{Connection, ServiceKey};

    use super::*;

    fn explanation(state: ConnectionState, reason: &str) -> Explanation {
        let connection = Connection {
            endpoint: "vpce-0f1e2d3c4b5a69788".parse().unwrap(),
            owner: "444444444444".parse().unwrap(),
            state,
            id: None,
            created: None,
            region: None,
            ip_address_type: None,
            tags: Tags::new(),
        };
        let service = ServiceKey {
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
        };
        Explanation {
            service,
            connection,
            finding: String::new(),
            reason: reason.to_owned(),
            policies: Vec::new(),
            next: String::new(),
            facts: BTreeMap::new(),
            record: BTreeMap::new(),
            would_change: Vec::new(),
            at: "2026-11-02T09:15:30Z".parse().unwrap(),
        }
    }

    #[test]
    fn connection_without_an_object_is_refused_with_the_call_that_answers_it() {
        let explanation = explanation(ConnectionState::PendingAcceptance, reason::NO_PERMIT);
        for (approval, call) in [(Approval::Approved, "accept"), (Approval::Refused, "reject")] {
            let failure = check(&explanation, approval).unwrap_err();
            let expected = format!(
                "aws ec2 {call}-vpc-endpoint-connections --region eu-west-1 --service-id vpce-svc-0a1b2c3d4e5f60718 --vpc-endpoint-ids vpce-0f1e2d3c4b5a69788"
            );
            assert_eq!(failure.exit, Exit::Findings);
            assert!(failure.to_string().ends_with(&expected), "{failure}");
        }
    }

    #[test]
    fn connection_in_a_state_that_takes_no_answer_is_refused() {
        for state in [ConnectionState::Deleting, ConnectionState::Expired, ConnectionState::Other("new".into())] {
            let explanation = explanation(state, reason::NO_PERMIT);
            assert!(
                check(&explanation, Approval::Approved).is_err() && already(&explanation, Approval::Approved).is_none()
            );
        }
    }
}
