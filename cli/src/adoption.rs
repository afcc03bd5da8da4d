//! `adopt`: what people made by hand for an endpoint or a service becomes Drawbridge's, when a person orders it.

use std::{fmt, str::FromStr};

use clap::Args;
use drawbridge::{
    aws::SystemClock,
    controller::{adoption::take_over, dns::Dns},
    model::{EndpointId, ServiceId},
    plan::dns::adoption::{Adoption, Step},
    policy::{FunctionName, Mode, Rules},
    port::{Clock, FailureKind, PortError},
    reconcile::Permit,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    arguments::Access,
    deployment::Deployment,
    exit::{Exit, Failure},
    output::{self, Format},
    place::{Place, endpoint, service},
};

/// Takes over what people made in DNS for an endpoint or a service, as far as it is as Drawbridge would make it
#[derive(Debug, Args)]
pub struct Adopt {
    /// An endpoint or an endpoint service, such as vpce-0f1e2d3c4b5a69788 or vpce-svc-0a1b2c3d4e5f60718
    #[arg(value_name = "ID")]
    owner: Owner,
    #[command(flatten)]
    access: Access,
    /// How it is told; json is one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// What the names are of.
#[derive(Debug, Clone)]
enum Owner {
    Endpoint(EndpointId),
    Service(ServiceId),
}

impl FromStr for Owner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let service = || text.parse().map(Self::Service);
        text.parse().map(Self::Endpoint).or_else(|_| service()).map_err(|_| {
            format!("{text:?} is neither an endpoint id such as vpce-0f1e2d3c4b5a69788 nor one of an endpoint service")
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(id) => id.fmt(formatter),
            Self::Service(id) => id.fmt(formatter),
        }
    }
}

impl Adopt {
    pub async fn run(self) -> Result<Exit, Failure> {
        let deployment = Deployment::load(self.access).await?;
        let place = match &self.owner {
            Owner::Endpoint(id) => Place::Endpoint(endpoint(&deployment, id).await?),
            Owner::Service(id) => Place::Service(service(&deployment, id).await?),
        };
        let order = Order::read(&deployment, place).await?;
        for gap in &order.unread {
            output::warn(&format!("not read: {gap}"));
        }
        let is_pending = order.steps().next().is_some();
        match self.format {
            Format::Text => order.adoptions.iter().try_for_each(|adoption| output::data(&adoption.to_string()))?,
            // Who is asked has to see what is meant.
            Format::Json if is_pending && !self.yes && output::is_at_terminal() => {
                order.adoptions.iter().for_each(|adoption| output::note(&adoption.to_string()));
            }
            Format::Json => {}
        }
        let done = if is_pending { order.carry_out(&deployment, self.yes).await } else { Ok(Vec::new()) };
        if self.format == Format::Json {
            output::data(&order.to_json(is_pending && done.as_ref().is_ok_and(Vec::is_empty)).to_string())?;
        }
        let failed = done?;
        for failure in &failed {
            output::note(&failure.to_string());
        }
        if is_pending && failed.is_empty() {
            if self.format == Format::Text {
                output::data(&format!("{} is adopted", self.owner))?;
            }
            output::note(&outlook(&deployment.rules));
        }
        Ok(order.exit(failed.is_empty()))
    }
}

/// What `sync-dns` makes of it.
fn outlook(rules: &Rules) -> String {
    match rules.configuration.mode_of(FunctionName::SyncDns) {
        Mode::Enforce => "sync-dns looks after it from its next sweep on".to_owned(),
        mode => format!("sync-dns is in mode {mode}: it tells what it would do about it, and writes nothing"),
    }
}

/// What is to be taken over, as it was read.
struct Order {
    place: Place,
    at: Timestamp,
    adoptions: Vec<Adoption>,
    unread: Vec<PortError>,
}

impl Order {
    async fn read(deployment: &Deployment, place: Place) -> Result<Self, Failure> {
        Self::read_at(deployment, place, SystemClock.now()).await
    }

    async fn read_at(deployment: &Deployment, place: Place, at: Timestamp) -> Result<Self, Failure> {
        let Deployment { aws, rules } = deployment;
        let ec2 = || deployment.private_link();
        let dns = Dns::new(ec2(), deployment.hosted_zones(), ec2(), aws.organizations(), SystemClock);
        let (adoptions, unread) = match &place {
            Place::Endpoint(key) => Box::pin(dns.adoption_of_endpoint(key, rules, at)).await?,
            Place::Service(key) => (vec![Box::pin(dns.adoption_of_service(key, rules, at)).await?], Vec::new()),
        };
        Ok(Self { place, at, adoptions, unread })
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.adoptions.iter().flat_map(|adoption| &adoption.steps)
    }

    /// Writes it, when it is meant. Gives what went wrong: one name's failure doesn't touch another's.
    async fn carry_out(&self, deployment: &Deployment, yes: bool) -> Result<Vec<Failure>, Failure> {
        if !yes {
            if !output::confirm("Adopt it?")? {
                return Err(Failure::refused("nothing was written"));
            }
            // People take their time to answer: what they said yes to has to be what is there.
            let now = Box::pin(Self::read_at(deployment, self.place.clone(), self.at)).await?;
            if !now.steps().eq(self.steps()) {
                return Err(Failure::refused("nothing was written: it has changed meanwhile")
                    .remedy("see what would be adopted now"));
            }
        }
        let (zones, permit) = (deployment.hosted_zones(), Permit::by_hand());
        let mut failed = Vec::new();
        for adoption in &self.adoptions {
            if let Err(error) = Box::pin(take_over(&zones, &adoption.steps, &permit)).await {
                failed.push(failure(error));
            }
        }
        Ok(failed)
    }

    fn exit(&self, all_written: bool) -> Exit {
        if !all_written || !self.unread.is_empty() {
            Exit::Unclear
        } else if self.adoptions.iter().any(|adoption| !adoption.held.is_empty()) {
            Exit::Findings
        } else {
            Exit::Fine
        }
    }

    fn to_json(&self, adopted: bool) -> Value {
        json!({
            "of": self.place.to_json(),
            "adopted": adopted,
            "names": self.adoptions.iter().map(Adoption::to_json).collect::<Vec<_>>(),
            "unread": self.unread.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

/// A write that failed. Each order begins where the one before ended.
fn failure(error: PortError) -> Failure {
    match error.kind {
        FailureKind::Overtaken | FailureKind::Retry | FailureKind::Refused => {
            Failure::unclear(error.to_string()).remedy("order it again: what is done already stays")
        }
        FailureKind::Denied | FailureKind::Gone => error.into(),
    }
}
