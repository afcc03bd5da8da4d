//! A queue as SQS has them: a message that is received is hidden for a while and comes again unless it is deleted; after
//! five receives it becomes a dead letter; and one that was deleted may come again all the same.
//!
//! Source: SQS developer guide, "Visibility timeout", "At-least-once delivery" and "Dead-letter queues".

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use jiff::Timestamp;

use super::{agenda::Entry, body::Letter, environment::Batch, stage::Shared};

/// `VisibilityTimeout` of the template's queues.
const HIDDEN: Duration = Duration::from_secs(361);
/// `maxReceiveCount` of the template's queues.
const RECEIVES: usize = 5;

/// The queue of one function.
#[derive(Debug)]
pub struct Queue {
    function: usize,
    messages: BTreeMap<u64, Message>,
}

#[derive(Debug)]
struct Message {
    letter: Letter,
    receives: usize,
    visible_from: Timestamp,
}

impl Queue {
    pub fn of(function: usize) -> Self {
        Self { function, messages: BTreeMap::new() }
    }

    pub fn put(&mut self, stage: &Shared, letter: Letter) {
        let id = stage.agenda.number();
        self.messages.insert(id, Message { letter, receives: 0, visible_from: stage.now() });
    }

    /// Whether there is something to receive.
    pub fn has_visible(&self, now: Timestamp) -> bool {
        self.messages.values().any(|message| message.visible_from <= now)
    }

    /// Takes at most this many messages, in no order.
    pub fn receive(&mut self, stage: &Shared, most: usize) -> Batch {
        let now = stage.now();
        let mut visible: Vec<u64> =
            self.messages.iter().filter(|(_, message)| message.visible_from <= now).map(|(id, _)| *id).collect();
        let mut batch = Batch::new();
        // Few of many now and then, as the servers of SQS do that are asked.
        let most = if stage.random.chance(300) { 1 + stage.random.index(most.min(4)) } else { most };
        while batch.len() < most && !visible.is_empty() {
            let id = visible.swap_remove(stage.random.index(visible.len()));
            let message = self.messages.get_mut(&id).expect("it is in the queue");
            message.receives += 1;
            if message.receives > RECEIVES {
                stage.count("dead letter");
                stage.tell(|| format!("dead letter: {}", message.letter.words));
                self.messages.remove(&id);
                continue;
            }
            message.visible_from = now + HIDDEN;
            stage.agenda.enter(message.visible_from, Entry::Look(self.function));
            batch.insert(id, Rc::clone(&message.letter.body));
        }
        batch
    }

    /// Deletes a message that was dealt with.
    pub fn delete(&mut self, stage: &Shared, id: u64) {
        if stage.trouble.is_doubled(&stage.random) {
            return stage.count("deleted message comes again");
        }
        self.messages.remove(&id);
    }

    pub fn words(&self, batch: &Batch) -> String {
        let words: Vec<&str> =
            batch.keys().filter_map(|id| self.messages.get(id)).map(|message| message.letter.words.as_str()).collect();
        words.join("; ")
    }
}
