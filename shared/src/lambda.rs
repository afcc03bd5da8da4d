//! The function around a controller: a batch of messages in, a partial batch answer out.
//!
//! # Guarantees
//! - A message that can't be read fails alone; the rest of its batch goes on.
//! - What isn't finished in the function's time is handed back to the queue.
//! - Reports are written before the answer.

pub mod validator;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::ExitCode,
    rc::Rc,
    time::{Duration, SystemTime},
};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    aws::{Aws, EventBridge, SystemClock, error_chain},
    event::{self, Ignored, Subject, Trigger, Unparsable, own},
    model::TopicArn,
    policy::{CONFIGURATION_DOCUMENT, Rules},
    port::{Bus, Clock, Documents, PUBLISHED_AT_ONCE, Queue, done_by, earlier, later},
    reconcile::{Controller, Run, reconcile},
    report::{self, Invocation, Summary},
    settings::{Settings, Warning},
};

/// Names the documents: `file:<folder>` or `appconfig:<application>/<environment>`.
pub const SOURCE_VARIABLE: &str = "DRAWBRIDGE_SOURCE";
/// Names the event bus that decisions are published on.
pub const BUS_VARIABLE: &str = "DRAWBRIDGE_BUS";
/// The URL of the queue that wakes the function, where it may have to look again at what is under way.
pub const QUEUE_VARIABLE: &str = "DRAWBRIDGE_QUEUE";

/// The ARN of the hub's topic of connection notifications, where the function sees to it that services tell it of connections.
pub const TOPIC_VARIABLE: &str = "DRAWBRIDGE_TOPIC";

/// Time kept back from the deadline for the report: publication and answer.
const RESERVE: Duration = Duration::from_secs(3);

/// Longest time that an invocation works by rules it has read: with the age they may have had, less than the minute in which
/// the kill switch has to work.
const LONGEST_RUN: Duration = Duration::from_secs(40);

/// Time kept back from the deadline for the answer alone.
const LAST_RESERVE: Duration = Duration::from_secs(1);

/// What controllers are made of: the way to AWS, and to the hub's own bus.
#[derive(Debug)]
pub struct Hub {
    /// The way to AWS.
    pub aws: Aws,
    /// The topic of connection notifications, if there is one.
    pub topic: Option<TopicArn>,
    bus: String,
}

impl Hub {
    /// The hub's bus.
    #[must_use]
    pub fn bus(&self) -> EventBridge {
        self.aws.bus(self.bus.clone())
    }
}

/// Runs a function: reads the environment and the documents, and serves until Lambda ends the process.
///
/// A start that fails says why, with all faults of the documents, in a log line.
pub async fn start<C: Controller>(build: impl Fn(&Hub, &Rules) -> C) -> ExitCode {
    // On the heap: all walks of all keys are in it.
    let Err(error) = Box::pin(serve(build)).await else { return ExitCode::SUCCESS };
    let invocation =
        Invocation { service: C::FUNCTION, request_id: String::new(), cold_start: true, at: SystemClock.now() };
    print_lines(&[report::failure_line(&invocation, &error_chain(error.as_ref()))]);
    ExitCode::FAILURE
}

async fn serve<C: Controller>(build: impl Fn(&Hub, &Rules) -> C) -> Result<(), lambda_runtime::Error> {
    let (source, bus) = (variable(SOURCE_VARIABLE)?, variable(BUS_VARIABLE)?);
    let topic = variable(TOPIC_VARIABLE).ok().map(|topic| topic.parse()).transpose()?;
    let hub = Hub { aws: Aws::from_environment().await, topic, bus };
    let settings = Settings::load(hub.aws.documents(&source)?, &SystemClock).await?;
    let queue = variable(QUEUE_VARIABLE).ok().map(|url| hub.aws.queue(url));
    let around = Around { bus: hub.bus(), queue, clock: SystemClock };
    Function::new(settings, around, |rules: &Rules| build(&hub, rules)).run().await
}

fn variable(name: &'static str) -> Result<String, MissingVariable> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    let value = std::env::var(name);
    value.ok().filter(|value| !value.is_empty()).ok_or(MissingVariable(name))
}

/// An environment variable that has to be there.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set")]
struct MissingVariable(&'static str);

/// What a function has around its controller.
#[derive(Debug)]
pub struct Around<B, Q, T> {
    /// Where decisions are told.
    pub bus: B,
    /// The function's own queue, where it has to look again.
    pub queue: Option<Q>,
    /// The time.
    pub clock: T,
}

/// A function: a controller, and what is around it.
pub struct Function<D, B, Q, T, F, C> {
    around: Around<B, Q, T>,
    build: F,
    first: Cell<bool>,
    state: Mutex<State<D, C>>,
}

struct State<D, C> {
    settings: Settings<D>,
    /// The controller, made for these rules.
    controller: Option<(Rc<Rules>, C)>,
}

impl<D, B, Q, T, F, C> Function<D, B, Q, T, F, C>
where
    D: Documents,
    B: Bus,
    Q: Queue,
    T: Clock,
    F: Fn(&Rules) -> C,
    C: Controller,
{
    /// Puts a function together. `build` makes the controller whenever the rules have changed.
    pub fn new(settings: Settings<D>, around: Around<B, Q, T>, build: F) -> Self {
        let state = Mutex::new(State { settings, controller: None });
        Self { around, build, first: Cell::new(true), state }
    }

    /// Serves invocations until Lambda ends the process.
    ///
    /// # Errors
    /// When the Runtime API doesn't answer.
    pub async fn run(self) -> Result<(), lambda_runtime::Error> {
        let function = &self;
        lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| function.handle(event))).await
    }

    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let clock = &self.around.clock;
        let end = end(&event.context, clock);
        let mut batch = Batch::parse(event.payload)?;
        let mut state = self.state.lock().await;
        let (rules, warning) = state.settings.current(clock).await;
        check_account(&event.context, &rules)?;
        let controller = match state.controller.take() {
            Some((made_for, controller)) if Rc::ptr_eq(&made_for, &rules) => controller,
            _ => (self.build)(&rules),
        };
        let (_, controller) = state.controller.insert((Rc::clone(&rules), controller));
        let deadline = later(clock.now(), LONGEST_RUN).min(earlier(end, RESERVE));
        let run = reconcile(controller, &batch.subjects(), &rules, clock, deadline).await;
        batch.fail(&run.unfinished);
        let mut summary = batch.summary(warning);
        summary.policy_findings = rules.findings(clock.now());
        self.look_again(&run, &mut summary, end).await;
        self.publish(&run, &mut summary, end).await;
        self.print(event.context.request_id, &run, &summary);
        batch.answer()
    }

    /// Tells others what was decided. That it fails is reported, and undoes nothing.
    async fn publish(&self, run: &Run, summary: &mut Summary, end: Timestamp) {
        let events = report::bus_events(run);
        let Some(permit) = run.permit() else { return };
        let deadline = earlier(end, LAST_RESERVE);
        let mut lost: Option<(usize, String)> = None;
        for entries in events.chunks(PUBLISHED_AT_ONCE) {
            let why = match done_by(&self.around.clock, deadline, self.around.bus.publish(entries, permit)).await {
                Some(Ok(())) => continue,
                Some(Err((count, error))) => (count, error.to_string()),
                None => (entries.len(), "the bus didn't answer in time".to_owned()),
            };
            let before = lost.map_or(0, |(count, _)| count);
            lost = Some((before + why.0, why.1));
        }
        summary.not_published = lost;
    }

    /// Has the queue wake us when what is under way is worth another look. That it fails is reported: the sweep looks, too.
    async fn look_again(&self, run: &Run, summary: &mut Summary, end: Timestamp) {
        let Some(permit) = run.permit().filter(|_| !run.again.is_empty()) else { return };
        let Some(queue) = &self.around.queue else {
            summary.not_queued = Some((run.again.len(), MissingVariable(QUEUE_VARIABLE).to_string()));
            return;
        };
        let deadline = earlier(end, LAST_RESERVE);
        let mut lost: Option<(usize, String)> = None;
        for (subject, after) in &run.again {
            let message = own::look_again(subject);
            let sent = queue.send(&message, *after, permit);
            let why = match done_by(&self.around.clock, deadline, sent).await {
                Some(Ok(())) => continue,
                Some(Err(error)) => error.to_string(),
                None => "the queue didn't answer in time".to_owned(),
            };
            lost = Some((lost.map_or(0, |(count, _)| count) + 1, why));
        }
        summary.not_queued = lost;
    }

    fn print(&self, request_id: String, run: &Run, summary: &Summary) {
        let invocation = Invocation {
            service: C::FUNCTION,
            request_id,
            cold_start: self.first.replace(false),
            at: self.around.clock.now(),
        };
        print_lines(&report::log_lines(&invocation, run, summary));
        print_lines(&report::metric_lines(&invocation, run, summary));
    }
}

/// Bare JSON lines, as the log group's JSON format and the embedded metric format want them.
fn print_lines(lines: &[Value]) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        // There is nobody left to tell when standard output is gone.
        let _ = writeln!(out, "{line}");
    }
}

/// When Lambda ends the invocation.
fn end(context: &Context, clock: &impl Clock) -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "Lambda gives the deadline as a time of day")]
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    later(clock.now(), left)
}

/// Refuses to work by a configuration whose hub is another account than this one: what it calls the hub's own services would
/// be looked for here.
fn check_account(context: &Context, rules: &Rules) -> Result<(), Diagnostic> {
    let here = context.invoked_function_arn.split(':').nth(4).unwrap_or_default();
    let hub = rules.configuration.hub_account.as_str();
    if here.is_empty() || here == hub {
        return Ok(());
    }
    let error_message = format!("{CONFIGURATION_DOCUMENT}: hub-account is {hub}, but this function runs in {here}");
    Err(Diagnostic { error_type: "WrongAccount".to_owned(), error_message })
}

/// The messages of one invocation, and what became of them.
#[derive(Debug)]
struct Batch {
    /// Whether the queue takes an answer for each message; else the invocation succeeds or fails as a whole.
    partial: bool,
    messages: Vec<Message>,
}

#[derive(Debug)]
struct Message {
    id: String,
    asks: Result<Trigger, Unparsable>,
    failed: bool,
}

impl Batch {
    /// Reads a batch of the queue, or a single event that invokes the function directly.
    fn parse(payload: Value) -> Result<Self, Diagnostic> {
        let from_queue = payload.pointer("/Records/0/eventSource").and_then(Value::as_str) == Some("aws:sqs");
        let empty = payload.pointer("/Records").and_then(Value::as_array).is_some_and(Vec::is_empty);
        if !from_queue && !empty {
            let asks = event::parse(&payload);
            return Ok(Self { partial: false, messages: vec![Message::new(String::new(), asks)] });
        }
        let batch: SqsEvent = serde_json::from_value(payload).map_err(|error| malformed(&error.to_string()))?;
        let messages = batch.records.into_iter().map(|record| {
            // Only by its id can a message be handed back.
            let id =
                record.message_id.filter(|id| !id.is_empty()).ok_or_else(|| malformed("a message without an id"))?;
            Ok(Message::new(id, event::parse_body(record.body.as_deref().unwrap_or_default())))
        });
        Ok(Self { partial: true, messages: messages.collect::<Result<_, Diagnostic>>()? })
    }

    fn subjects(&self) -> BTreeSet<Subject> {
        self.messages.iter().flat_map(Message::subjects).cloned().collect()
    }

    /// Marks the messages that name something unfinished.
    fn fail(&mut self, unfinished: &BTreeSet<Subject>) {
        for message in &mut self.messages {
            message.failed = message.asks.is_err() || message.subjects().any(|subject| unfinished.contains(subject));
        }
    }

    fn summary(&self, warning: Option<Warning>) -> Summary {
        let mut ignored: BTreeMap<Ignored, usize> = BTreeMap::new();
        for message in &self.messages {
            if let Ok(Trigger::Ignored(why)) = &message.asks {
                *ignored.entry(*why).or_default() += 1;
            }
        }
        let unreadable = |message: &Message| {
            let why = message.asks.as_ref().err()?;
            Some(if message.id.is_empty() { why.to_string() } else { format!("{}: {why}", message.id) })
        };
        let mut summary = Summary {
            ignored,
            unparsable: self.messages.iter().filter_map(unreadable).collect(),
            messages: self.messages.len(),
            messages_failed: self.messages.iter().filter(|message| message.failed).count(),
            ..Summary::default()
        };
        match warning {
            Some(Warning::Stale(why)) => summary.stale_documents = Some(why),
            Some(Warning::Rejected(faults)) => summary.rejected_documents = Some(faults.to_string()),
            None => {}
        }
        summary
    }

    fn answer(&self) -> Result<Value, Diagnostic> {
        let failed = || self.messages.iter().filter(|message| message.failed);
        if self.partial {
            let mut response = SqsBatchResponse::default();
            response.batch_item_failures = failed()
                .map(|message| {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier.clone_from(&message.id);
                    failure
                })
                .collect();
            return Ok(json!(response));
        }
        match failed().next() {
            None => Ok(json!({})),
            Some(Message { asks: Err(why), .. }) => Err(malformed(&why.to_string())),
            Some(_) => Err(Diagnostic {
                error_type: "Unfinished".to_owned(),
                error_message: "not finished; the log says what, and it may be tried again".to_owned(),
            }),
        }
    }
}

impl Message {
    fn new(id: String, asks: Result<Trigger, Unparsable>) -> Self {
        Self { id, asks, failed: false }
    }

    fn subjects(&self) -> impl Iterator<Item = &Subject> {
        match &self.asks {
            Ok(Trigger::Subjects(subjects)) => Some(subjects),
            _ => None,
        }
        .into_iter()
        .flatten()
    }
}

fn malformed(why: &str) -> Diagnostic {
    Diagnostic { error_type: "Unparsable".to_owned(), error_message: why.to_owned() }
}

#[cfg(test)]
#[cfg(feature = "world")]
mod tests;
