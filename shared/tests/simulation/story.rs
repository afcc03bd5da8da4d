//! A story: what happens in it, and how it is played. One seed is one story.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use super::{
    agenda::Entry,
    alarms, body,
    cast::{connect, fill},
    cloud_map, dns,
    environment::{Batch, Environment, Invoked, TIME_OUT},
    functions::FUNCTIONS,
    happening::Happening,
    mutant::Mutation,
    queue::Queue,
    random::Random,
    run::Run,
    stage::{Invariant, Shared, Stage, Tally, Violation},
    tags,
    trouble::Trouble,
    version::{Flaw, Version},
    wire::Ports,
};

/// `MaximumConcurrency` of the template's event source mappings.
const AT_ONCE: usize = 2;
/// `MaximumBatchingWindowInSeconds`.
const WINDOW: Duration = Duration::from_secs(1);
/// The schedule of sweeps.
const SCHEDULE: Duration = Duration::from_mins(15);

/// What happens in a story.
pub struct Script {
    pub seed: u64,
    first: Version,
    happenings: Vec<(Duration, Happening)>,
    /// Those that are left out.
    pub without: BTreeSet<usize>,
}

/// What came of it.
pub struct Outcome {
    pub violation: Option<Violation>,
    /// What happened, in words; empty when nobody listened.
    pub story: Vec<String>,
    pub tally: Tally,
}

impl Script {
    pub fn of(seed: u64) -> Self {
        let random = Random::new(seed);
        let mut first = Version::draw(&random);
        if first.flaw == Some(Flaw::Configuration) || first.flaw == Some(Flaw::Policy) {
            first.flaw = None;
        }
        let names = dns::plays(seed);
        if names {
            first = first.with_names(&random);
        }
        let tags = tags::plays(seed);
        if tags {
            first = first.with_tags(&random);
        }
        let ground = alarms::plays(seed).then(|| alarms::terms::Ground::of(seed));
        if let Some(ground) = ground {
            first = first.with_alarms(ground, &random);
        }
        let discovery = cloud_map::plays(seed);
        if discovery {
            first = first.with_cloud_map(&random);
        }
        let draw = |random: &Random| match (names, tags, ground, discovery) {
            (true, ..) => Happening::draw_with_names(random),
            (_, true, ..) => Happening::draw_with_tags(random),
            (.., Some(ground), _) => Happening::draw_with_alarms(ground, random),
            (.., true) => Happening::draw_with_cloud_map(random),
            _ => Happening::draw(random),
        };
        let count = 3 + random.index(14);
        let happenings = (0..count).map(|_| (Happening::gap(&random), draw(&random))).collect();
        Self { seed, first, happenings, without: BTreeSet::new() }
    }

    pub fn len(&self) -> usize {
        self.happenings.len()
    }

    /// Plays it.
    pub fn play(&self, mutation: Mutation, telling: bool) -> Outcome {
        let mut player = Player::new(self, mutation, telling);
        player.play(self);
        player.invocations.clear();
        Outcome { violation: player.stage.violation(), story: player.stage.story(), tally: player.stage.tally() }
    }
}

/// A story under way.
pub struct Player {
    pub stage: Shared,
    queues: Vec<Queue>,
    idle: Vec<Vec<(Ports, Box<dyn Environment>)>>,
    invocations: BTreeMap<u64, Invocation>,
    mutation: Mutation,
    scheduled: bool,
}

struct Invocation {
    function: usize,
    run: Rc<Run>,
    batch: Batch,
    ports: Ports,
    future: Invoked,
}

impl Player {
    fn new(script: &Script, mutation: Mutation, telling: bool) -> Self {
        let random = Random::new(script.seed ^ 0x5eed);
        let trouble = Trouble::draw(&random);
        let start = "2026-11-02T10:00:00Z".parse().unwrap();
        let stage = Stage::new(start, random, trouble, script.first, telling);
        fill(&stage.world);
        connect(&stage.world, &stage.random);
        if stage.plays_names() {
            dns::cast::fill(&stage);
        }
        if stage.plays_tags() {
            tags::cast::fill(&stage);
        }
        if stage.plays_alarms() {
            alarms::cast::fill(&stage);
        }
        if stage.plays_cloud_map() {
            cloud_map::cast::fill(&stage);
        }
        stage.tell(|| format!("documents: {}", script.first.tell()));
        stage.tell(|| format!("what goes wrong: {:?}", stage.trouble));
        Self {
            stage: Rc::new(stage),
            queues: (0..FUNCTIONS.len()).map(Queue::of).collect(),
            idle: FUNCTIONS.iter().map(|_| Vec::new()).collect(),
            invocations: BTreeMap::new(),
            mutation,
            scheduled: true,
        }
    }

    fn play(&mut self, script: &Script) {
        let mut at = self.stage.now();
        for (index, (gap, _)) in script.happenings.iter().enumerate() {
            at += *gap;
            if !script.without.contains(&index) {
                self.stage.agenda.enter(at, Entry::Happening(index));
            }
        }
        let first = Duration::from_millis(self.stage.random.below(900_000));
        self.stage.agenda.enter(self.stage.now() + first, Entry::Schedule);
        self.go_on(script, Some(at));
        if self.stage.violation().is_none() {
            self.come_to_rest(script);
        }
    }

    /// Goes on until all is done, or something is wrong. The schedule and the trouble end at this time.
    fn go_on(&mut self, script: &Script, until: Option<jiff::Timestamp>) {
        /// Longer than a sweep and all that comes of it.
        const LONGEST: Duration = Duration::from_hours(3);
        let end = until.unwrap_or(self.stage.now()) + LONGEST;
        while let Some((at, entry)) = self.stage.agenda.next() {
            if at > end {
                return self.stage.violate(Invariant::RestIsQuiet, || format!("it goes on and on, with {entry:?}"));
            }
            if until.is_some_and(|until| at > until) && self.scheduled {
                self.scheduled = false;
                self.stage.end_trouble();
                self.stage.tell(|| "from here on all goes well".to_owned());
            }
            let passed = at.duration_since(self.stage.now());
            self.stage.world.advance(passed.unsigned_abs());
            self.enter(script, entry);
            if self.stage.violation().is_some() {
                return;
            }
        }
        self.scheduled = false;
        self.stage.end_trouble();
    }

    fn enter(&mut self, script: &Script, entry: Entry) {
        self.stage.count("step");
        match entry {
            Entry::Call(call) => {
                if let Some(invocation) = self.stage.agenda.arrive(call) {
                    self.poll(invocation);
                }
            }
            Entry::Happening(index) => {
                let (_, happening) = script.happenings[index];
                self.stage.count(happening.name());
                happening.happen(&self.stage);
                if matches!(happening, Happening::Replaced) {
                    self.idle.iter_mut().for_each(Vec::clear);
                }
            }
            Entry::Arrival(function, letter) => {
                self.queues[function].put(&self.stage, letter);
                self.stage.agenda.enter(self.stage.now() + WINDOW, Entry::Look(function));
            }
            Entry::Look(function) => self.look(function),
            Entry::End(id) => {
                if let Some(invocation) = self.invocations.remove(&id) {
                    self.stage.count("invocation killed");
                    self.stage.tell(|| format!("  #{id} is killed, and its environment is gone"));
                    self.look(invocation.function);
                }
            }
            Entry::Recorded(account, creation) => tags::ledger::recorded(&self.stage, account, creation),
            Entry::Named(endpoint) => dns::endpoint::named(&self.stage, &endpoint),
            Entry::Schedule if self.scheduled => {
                self.stage.send(&body::sweep());
                self.stage.agenda.enter(self.stage.now() + SCHEDULE, Entry::Schedule);
            }
            Entry::Schedule => {}
        }
    }

    /// The event source mapping: invokes the function as long as there are messages and it may.
    fn look(&mut self, function: usize) {
        loop {
            let running = self.invocations.values().filter(|invocation| invocation.function == function).count();
            if running >= AT_ONCE || !self.queues[function].has_visible(self.stage.now()) {
                return;
            }
            let batch = self.queues[function].receive(&self.stage, FUNCTIONS[function].batch);
            if !batch.is_empty() {
                self.invoke(function, batch);
            }
        }
    }

    fn invoke(&mut self, function: usize, batch: Batch) {
        let stage = &self.stage;
        let (id, now) = (stage.agenda.number(), stage.now());
        stage.count("invocation");
        let run = Rc::new(Run::new(id, FUNCTIONS[function].name, now));
        let (ports, environment) = self.idle[function].pop().unwrap_or_else(|| {
            let ports = Ports::new(stage, &run);
            (ports.clone(), (FUNCTIONS[function].start)(ports, self.mutation))
        });
        stage.tell(|| format!("{} #{id} is invoked: {}", run.function, self.queues[function].words(&batch)));
        stage.agenda.enter(now + stage.trouble.kill(&stage.random).unwrap_or(TIME_OUT), Entry::End(id));
        let future = environment.invoke(Rc::clone(&run), batch.clone());
        self.invocations.insert(id, Invocation { function, run, batch, ports, future });
        self.poll(id);
    }

    /// Lets an invocation go as far as it can.
    fn poll(&mut self, id: u64) {
        let Some(invocation) = self.invocations.get_mut(&id) else { return };
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        while woken.0.swap(false, Ordering::Relaxed) {
            if let Poll::Ready(ended) = invocation.future.as_mut().poll(&mut Context::from_waker(&waker)) {
                let invocation = self.invocations.remove(&id).expect("it was just there");
                self.idle[invocation.function].push((invocation.ports.clone(), ended.environment));
                self.end(&invocation, &ended.failed);
                return;
            }
        }
    }

    fn end(&mut self, invocation: &Invocation, failed: &BTreeSet<u64>) {
        let (stage, run) = (&self.stage, &invocation.run);
        stage.tell(|| format!("  #{} ends, {} of {} messages come back", run.id, failed.len(), invocation.batch.len()));
        let unread = run.unread.borrow().first().map(|service| format!("reading the connections of {service}"));
        let unread = unread.or(run.unread_names.borrow().first().cloned());
        let unfinished = run.unfinished.borrow().clone().or(unread);
        let ended = run.denied.get() || run.gone.get() > 1;
        // Who made what is looked up by every sweep: what can't be read is left to the next one.
        let unfinished = unfinished.filter(|call| !call.starts_with("cloudtrail:LookupEvents"));
        if let Some(call) = unfinished.filter(|_| failed.is_empty() && !ended) {
            stage.violate(Invariant::WhatMayPassComesBack, || {
                format!("{call} failed in #{}, and nothing comes back", run.id)
            });
        }
        let queue = &mut self.queues[invocation.function];
        for id in invocation.batch.keys().filter(|id| !failed.contains(id)) {
            queue.delete(stage, *id);
        }
        self.look(invocation.function);
    }

    /// What a story ends with: the documents are sound, nothing goes wrong, and sweeps put everything in order.
    fn come_to_rest(&mut self, script: &Script) {
        /// Where a policy counts connections, what is cut off changes what may stay, one grace later.
        const ROUNDS: usize = 12;
        /// Longer than anything is remembered.
        const LONG: Duration = Duration::from_mins(10);
        // A function that only observes puts nothing in order.
        let mode = drawbridge::policy::Mode::Enforce;
        let last = Version { mode, flaw: None, observes: false, ..self.stage.version() };
        self.stage.publish(last);
        self.stage.world.advance(LONG);
        for round in 0..ROUNDS {
            self.stage.writes.set(0);
            self.stage.send(&body::sweep());
            self.go_on(script, None);
            if self.stage.violation().is_some() {
                return;
            }
            if round > 0 && self.stage.writes.get() == 0 {
                super::rest::check(&self.stage, &last);
                dns::rest::check(&self.stage, &last);
                tags::rest::check(&self.stage, &last);
                alarms::rest::check(&self.stage, &last);
                return cloud_map::rest::check(&self.stage, &last);
            }
            self.stage.world.advance(last.terms().grace + Duration::from_mins(1));
        }
        self.stage.violate(Invariant::RestIsQuiet, || format!("sweep {ROUNDS} still writes"));
    }
}

/// Whether a future wants to go on at once.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
