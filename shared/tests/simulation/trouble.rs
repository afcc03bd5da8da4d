//! What goes wrong: each story has its own kinds of trouble, and of some stories it has none.

use std::{cell::Cell, time::Duration};

use drawbridge::{port::FailureKind, world::Effect};

use super::random::Random;

/// How old an answer of AWS may be.
pub const STALE: Duration = Duration::from_secs(5);

/// What goes wrong, and how often in a thousand times.
#[derive(Debug)]
pub struct Trouble {
    calls: u64,
    slow: u64,
    kinds: u64,
    lost: u64,
    doubled: u64,
    late: u64,
    killed: u64,
    documents: u64,
    over: Cell<bool>,
}

/// How a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    Well,
    Wrong(Effect),
}

impl Course {
    /// What goes wrong, if something does.
    pub fn fault(&self) -> Option<&'static str> {
        let Self::Wrong(effect) = self else { return None };
        Some(match effect {
            Effect::Fails(FailureKind::Retry) => "call throttled",
            Effect::Fails(_) | Effect::FailsWith(..) => "call denied",
            Effect::AnswerLost => "answer lost",
            Effect::Unsuccessful(_) => "item unsuccessful",
            Effect::Omits(_) => "item omitted",
            Effect::Stale(_) => "read stale",
        })
    }
}

impl Trouble {
    pub fn draw(random: &Random) -> Self {
        let some = |of: &[u64]| *random.pick(of);
        Self {
            calls: some(&[0, 20, 100, 300]),
            slow: some(&[0, 30, 30, 200]),
            kinds: random.next(),
            lost: some(&[0, 0, 100, 500]),
            doubled: some(&[0, 50, 300]),
            late: some(&[0, 100, 500]),
            killed: some(&[0, 0, 50, 300]),
            documents: some(&[0, 0, 200]),
            over: Cell::new(false),
        }
    }

    /// From now on all goes well.
    pub fn end(&self) {
        self.over.set(true);
    }

    fn happens(&self, random: &Random, per_mille: u64) -> bool {
        random.chance(if self.over.get() { 0 } else { per_mille })
    }

    /// How long a call takes in one direction.
    pub fn latency(&self, random: &Random) -> Duration {
        let slow = self.happens(random, self.slow);
        // The SDK tries again by itself, for up to half a minute.
        let most = if self.slow > 100 { 25_000 } else { 4_000 };
        Duration::from_millis(if slow { random.below(most) } else { 10 + random.below(150) })
    }

    /// How a read goes.
    pub fn of_read(&self, random: &Random) -> Course {
        if !self.happens(random, self.calls) {
            return Course::Well;
        }
        let stale = Effect::Stale(Duration::from_millis(random.below(5_000)));
        let effects = [
            Effect::Fails(FailureKind::Retry),
            Effect::Fails(FailureKind::Denied),
            Effect::AnswerLost,
            stale.clone(),
            stale,
        ];
        self.one_of(random, effects.into())
    }

    /// How a write of these items goes.
    pub fn of_write(&self, random: &Random, items: &[String]) -> Course {
        // Writes are few; what goes wrong with them counts most.
        if !self.happens(random, self.calls * 2) || items.is_empty() {
            return Course::Well;
        }
        let effects = vec![
            Effect::Fails(FailureKind::Retry),
            Effect::Fails(FailureKind::Denied),
            Effect::AnswerLost,
            Effect::Unsuccessful(random.pick(items).clone()),
            Effect::Omits(random.pick(items).clone()),
        ];
        self.one_of(random, effects)
    }

    /// Only some kinds of trouble are this story's: where everything goes wrong at once, little is found.
    fn one_of(&self, random: &Random, effects: Vec<Effect>) -> Course {
        let index = random.index(effects.len());
        let is_ours = self.kinds >> index & 1 == 1;
        effects.into_iter().nth(index).filter(|_| is_ours).map_or(Course::Well, Course::Wrong)
    }

    /// Whether a listing goes on a page later, after it has changed.
    pub fn has_pages(&self, random: &Random) -> bool {
        self.kinds & 1 << 8 != 0 && self.happens(random, 300)
    }

    /// When a message arrives, each time that it does.
    pub fn deliveries(&self, random: &Random) -> Vec<Duration> {
        let mut delays = Vec::new();
        let delay = || {
            let late = self.happens(random, self.late);
            Duration::from_millis(if late { random.below(600_000) } else { random.below(3_000) })
        };
        if !self.happens(random, self.lost) {
            delays.push(delay());
            if self.happens(random, self.doubled) {
                delays.push(delay());
            }
        }
        delays
    }

    /// Whether a message that was deleted comes again all the same.
    pub fn is_doubled(&self, random: &Random) -> bool {
        self.happens(random, self.doubled / 5)
    }

    /// After which time an invocation is killed, if it is.
    pub fn kill(&self, random: &Random) -> Option<Duration> {
        self.happens(random, self.killed).then(|| Duration::from_millis(random.below(2_500)))
    }

    /// Whether a document can't be read.
    pub fn hides_document(&self, random: &Random) -> bool {
        self.happens(random, self.documents)
    }
}
