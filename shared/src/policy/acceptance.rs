//! `acceptance.cedar`: who may connect.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    sync::LazyLock,
};

use cedar_policy::{Authorizer, Decision, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use jiff::Timestamp;

use super::{ACCEPTANCE_DOCUMENT, Fault, Faults, Mentions, cedar, fault::place};
use crate::model::{
    Account, AccountId, Connection, ConnectionState, EndpointService, Region, ServiceKey, Tags, reason,
};

const SCHEMA: &str = include_str!("drawbridge.cedarschema");

/// The policies in force, with the reason codes they carry.
#[derive(Debug, Clone)]
pub struct Acceptance {
    policies: PolicySet,
    /// Policy id -> its `@reason`.
    reasons: BTreeMap<String, String>,
    mentions: Mentions,
}

/// Whether an account may connect to a service.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The service that is asked for.
    pub service: &'a EndpointService,
    /// The account that asks.
    pub owner: &'a AccountId,
    /// The same account, when it is a member of the Organization; `None` when it is no member.
    pub member: Option<&'a Account>,
    /// The connection; `None` to ask whether the account may request one at all.
    pub connection: Option<&'a Connection>,
    /// How many connections the account has to the service beside this one, established before it.
    pub connections: usize,
    /// The time of the judgement.
    pub now: Timestamp,
}

/// What the policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// At least one policy permits, none forbids.
    Permitted(Determining),
    /// At least one policy forbids.
    Forbidden(Determining),
    /// No policy matches.
    NoMatch,
    /// A policy could not be evaluated, so that nothing can be told.
    Failed {
        /// What failed, for a person.
        why: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permitted(by) => write!(formatter, "{by} permits it"),
            Self::Forbidden(by) => write!(formatter, "{by} forbids it"),
            Self::NoMatch => formatter.write_str("no policy matches"),
            Self::Failed { why } => write!(formatter, "it can't be told: {why}"),
        }
    }
}

impl fmt::Display for Determining {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.policies.join(", "))
    }
}

/// The policies that determined a verdict. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Determining {
    /// Their `@id`s, sorted.
    pub policies: Vec<String>,
    /// The `@reason` of the first of them that has one.
    pub reason: Option<String>,
}

impl Acceptance {
    /// The Cedar schema that policies are validated against.
    pub const SCHEMA: &'static str = SCHEMA;

    /// Reads and validates the policies.
    ///
    /// Every policy needs an `@id` of its own, which decisions name. `@reason` is a stable code such as `ORG_MEMBER`.
    ///
    /// # Errors
    /// Every fault, with line and column.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let parsed = PolicySet::from_str(text).map_err(|errors| cedar::faults(text, errors.iter()))?;
        let mut faults: Faults = parsed
            .templates()
            .map(|template| fault(text, &template.to_string(), "templates (?principal, ?resource) are not supported"))
            .collect();
        let mut acceptance =
            Self { policies: PolicySet::new(), reasons: BTreeMap::new(), mentions: Mentions::default() };
        for policy in parsed.policies() {
            if let Err(message) = acceptance.add(policy) {
                faults.push(fault(text, &policy.to_string(), &message));
            }
        }
        if acceptance.policies.is_empty() && faults.is_empty() {
            faults.push(fault(text, "", "no policy: nobody could ever be accepted"));
        }
        let validation = Validator::new(schema()?.clone()).validate(&parsed, ValidationMode::Strict);
        faults.extend(cedar::faults(text, validation.validation_errors()));
        if faults.is_empty() { Ok(acceptance) } else { Err(faults.iter().cloned().collect()) }
    }

    fn add(&mut self, policy: &Policy) -> Result<(), String> {
        let id = policy
            .annotation("id")
            .filter(|id| is_policy_id(id))
            .ok_or_else(|| "the policy needs an @id(\"…\") of 1 to 64 letters, digits, - and _".to_owned())?;
        if let Some(reason) = policy.annotation("reason") {
            if !is_reason(reason) {
                return Err(format!(
                    "@reason({reason:?}) has to be a code such as ORG_MEMBER, of at most 64 of A-Z, 0-9 and _"
                ));
            }
            // Alarms and explanations hang on ours.
            if reason::ALL.contains(&reason) {
                return Err(format!("@reason({reason:?}) is a code of Drawbridge's own: give the policy another"));
            }
            self.reasons.insert(id.to_owned(), reason.to_owned());
        }
        let json = policy.to_json().map_err(|error| format!("the policy can't be looked into: {error}"))?;
        self.mentions.add(&json);
        self.policies
            .add(policy.new_id(PolicyId::new(id)))
            .map_err(|_| format!("@id({id:?}) is the id of another policy as well"))
    }

    /// How many policies there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.policies.num_of_policies()
    }

    /// What the policies speak of.
    #[must_use]
    pub fn mentions(&self) -> &Mentions {
        &self.mentions
    }

    /// Says so, when the policies permit an account that is no member and that none of them names: to connect to a service of
    /// one of these Regions now, with the tags that they speak of or without.
    #[must_use]
    pub fn permits_everybody(&self, regions: &BTreeSet<Region>, now: Timestamp) -> Option<String> {
        let owner = (1..).map_while(|number: u64| format!("{number:012}").parse::<AccountId>().ok());
        let owner = &owner.into_iter().find(|account| !self.mentions.accounts.contains(account))?;
        let connection = &Connection {
            endpoint: "vpce-00000000000000000".parse().ok()?,
            owner: owner.clone(),
            state: ConnectionState::PendingAcceptance,
            id: None,
            created: Some(now),
            region: None,
            ip_address_type: Some("ipv4".to_owned()),
            tags: Tags::new(),
        };
        let service = |region: &Region, tags: &Tags| {
            let id = "vpce-svc-00000000000000000".parse().ok()?;
            let key = ServiceKey { account: "000000000000".parse().ok()?, region: region.clone(), service: id };
            let (name, tags) = (format!("com.amazonaws.vpce.{region}.{}", key.service), tags.clone());
            Some(EndpointService {
                key,
                name,
                acceptance_required: true,
                load_balancers: [].into(),
                availability_zones: [].into(),
                private_dns_name: None,
                verification: None,
                tags,
            })
        };
        let tagged = self.mentions.tags_of_service.iter().cloned().collect();
        let services =
            regions.iter().flat_map(|region| [Tags::new(), Tags::clone(&tagged)].map(|tags| service(region, &tags)));
        services.flatten().find_map(|service| {
            let question =
                Question { service: &service, owner, member: None, connection: Some(connection), connections: 0, now };
            let Verdict::Permitted(by) = self.judge(&question) else { return None };
            Some(format!("{by} permits every account there is, members of the Organization or not"))
        })
    }

    /// Judges one connection.
    #[must_use]
    pub fn judge(&self, question: &Question<'_>) -> Verdict {
        let (request, entities) = match cedar::ask(question, &self.mentions) {
            Ok(asked) => asked,
            Err(why) => return Verdict::Failed { why },
        };
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        let mut failures: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
        if !failures.is_empty() {
            failures.sort();
            return Verdict::Failed { why: failures.join("; ") };
        }
        let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort();
        let reason = policies.iter().find_map(|id| self.reasons.get(id)).cloned();
        let determining = Determining { policies, reason };
        match response.decision() {
            Decision::Allow => Verdict::Permitted(determining),
            Decision::Deny if determining.policies.is_empty() => Verdict::NoMatch,
            Decision::Deny => Verdict::Forbidden(determining),
        }
    }
}

fn schema() -> Result<&'static Schema, Faults> {
    // Read once: it costs more than most policies.
    static READ: LazyLock<Result<Schema, String>> = LazyLock::new(|| {
        Schema::from_cedarschema_str(SCHEMA).map(|(schema, _warnings)| schema).map_err(|error| error.to_string())
    });
    READ.as_ref().map_err(|error| fault(SCHEMA, "", &format!("the shipped schema is broken: {error}")).into())
}

/// A fault at the first place where `excerpt` stands in the document.
fn fault(text: &str, excerpt: &str, message: &str) -> Fault {
    Fault::new(ACCEPTANCE_DOCUMENT, place(text, text.find(excerpt).unwrap_or(0)), message)
}

fn is_policy_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_reason(reason: &str) -> bool {
    reason.len() <= 64
        && reason.starts_with(|first: char| first.is_ascii_uppercase())
        && reason.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests;
