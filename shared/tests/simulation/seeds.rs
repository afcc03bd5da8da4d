//! Which stories are played, by how many hands, and what is said of one that fails.

use std::{
    collections::BTreeSet, fmt::Write, fs, iter::StepBy, num::NonZero, ops::Range, path::Path, sync::Mutex, thread,
};

use super::{
    mutant::Mutation,
    stage::{Tally, Violation},
    story::Script,
};

/// Stories of `make test`.
const STORIES: u64 = 10_000;

/// What the environment asks for.
pub struct Seeds {
    first: u64,
    count: u64,
    step: usize,
    replayed: Option<u64>,
    without: BTreeSet<usize>,
}

impl Seeds {
    /// `SEEDS` stories from `FIRST` on, each `STEP`th of them; or the one story of `SEED`, `WITHOUT` some of its happenings.
    pub fn from_environment() -> Self {
        let text = |name| std::env::var_os(name).and_then(|value| value.into_string().ok());
        let number =
            |name| text(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")));
        let without = text("WITHOUT").unwrap_or_default();
        let without = without.split(',').filter(|part| !part.is_empty());
        Self {
            first: number("FIRST").unwrap_or(0),
            count: number("SEEDS").unwrap_or(STORIES),
            step: number("STEP").map_or(1, |step| usize::try_from(step).unwrap()),
            replayed: number("SEED"),
            without: without.map(|part| part.parse().unwrap()).collect(),
        }
    }

    pub fn range(&self) -> StepBy<Range<u64>> {
        (self.first..self.first.saturating_add(self.count)).step_by(self.step)
    }

    pub fn replayed(&self) -> Option<Script> {
        let mut script = Script::of(self.replayed?);
        script.without.clone_from(&self.without);
        Some(script)
    }
}

/// The seeds that failed once.
pub fn kept() -> Vec<u64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/simulation/seeds.txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(|line| line.parse().unwrap()).collect()
}

/// What came of many stories.
pub struct Played {
    pub stories: u64,
    pub tally: Tally,
    /// A seed that fails, if one does.
    pub failed: Option<(u64, Violation)>,
}

/// Plays the stories on all processors, until one fails. Of those under way then that fail as well the first is told, so that it
/// is the same one however fast the processors are.
pub fn play_all(seeds: impl Iterator<Item = u64> + Send, mutation: Mutation) -> Played {
    let seeds = Mutex::new(seeds);
    let played = Mutex::new(Played { stories: 0, tally: Tally::new(), failed: None });
    let play = || {
        loop {
            let Some(seed) = seeds.lock().unwrap().next() else { return };
            let outcome = Script::of(seed).play(mutation, false);
            let mut played = played.lock().unwrap();
            played.stories += 1;
            for (what, count) in outcome.tally {
                *played.tally.entry(what).or_default() += count;
            }
            let comes_first = played.failed.as_ref().is_none_or(|(first, _)| seed < *first);
            if let Some(violation) = outcome.violation.filter(|_| comes_first) {
                played.failed = Some((seed, violation));
            }
            if played.failed.is_some() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(play);
        }
    });
    played.into_inner().unwrap()
}

impl Played {
    /// The figures.
    pub fn tell(&self, seconds: f64) -> String {
        let rate = f64::from(u32::try_from(self.stories).unwrap_or(u32::MAX)) / seconds;
        let mut told = format!("{} stories in {seconds:.0} s, {rate:.0} a second", self.stories);
        for (what, count) in &self.tally {
            let _ = write!(told, "\n{count:10} {what}");
        }
        told
    }
}

/// The same story without all happenings that it fails without.
pub fn shrunk(mut script: Script, mutation: Mutation) -> Script {
    let broken = |script: &Script| script.play(mutation, false).violation.map(|violation| violation.of);
    let Some(of) = broken(&script) else { return script };
    loop {
        let before = script.without.len();
        for index in (0..script.len()).rev() {
            if script.without.insert(index) && broken(&script) != Some(of) {
                script.without.remove(&index);
            }
        }
        if script.without.len() == before {
            return script;
        }
    }
}

/// The story of a seed that fails, and how to see it again.
pub fn report(script: &Script) -> String {
    let outcome = script.play(Mutation::None, true);
    let violation = outcome.violation.map(|violation| violation.to_string()).unwrap_or_default();
    let without: Vec<String> = script.without.iter().map(ToString::to_string).collect();
    let without = if without.is_empty() { String::new() } else { format!("WITHOUT={} ", without.join(",")) };
    let command = format!(
        "SEED={} {without}cargo test -p drawbridge --features world --test simulation whatever -- --nocapture",
        script.seed
    );
    let keep = "Its line for tests/cases/simulation/seeds.txt is the seed.";
    format!("\n{}\n\n{violation}\n\nAgain: {command}\n{keep}\n", outcome.story.join("\n"))
}
