//! What comes next: everything that waits for its time, and the calls that are under way.
//!
//! A call of a port is under way twice: until it takes effect, and until its answer is there. Each time it waits here, and
//! whatever comes sooner happens in between. So all that can happen at once happens in some order, which the seed chooses.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use drawbridge::model::{AccountId, Creation, EndpointKey};
use jiff::Timestamp;

use super::{body::Letter, stage::Stage};

/// Something that comes.
#[derive(Debug)]
pub enum Entry {
    /// A call takes effect, or its answer arrives.
    Call(u64),
    /// Something happens in the world.
    Happening(usize),
    /// A message arrives at the queue of a function.
    Arrival(usize, Letter),
    /// The event source mapping of a function looks into its queue.
    Look(usize),
    /// Lambda ends an invocation: at its time-out, or since the environment is lost.
    End(u64),
    /// An endpoint gets its names.
    Named(EndpointKey),
    /// The history of an account tells who made something.
    Recorded(AccountId, Creation),
    /// The schedule's turn.
    Schedule,
}

/// What comes, in order.
#[derive(Debug, Default)]
pub struct Agenda {
    entries: RefCell<BTreeMap<(Timestamp, u64), Entry>>,
    calls: RefCell<BTreeMap<u64, Call>>,
    drawn: Cell<u64>,
}

#[derive(Debug)]
struct Call {
    invocation: u64,
    waker: Waker,
    arrived: bool,
}

impl Agenda {
    /// A number that was not drawn before.
    pub fn number(&self) -> u64 {
        self.drawn.replace(self.drawn.get() + 1)
    }

    pub fn enter(&self, at: Timestamp, entry: Entry) {
        self.entries.borrow_mut().insert((at, self.number()), entry);
    }

    /// Takes what comes next.
    pub fn next(&self) -> Option<(Timestamp, Entry)> {
        self.entries.borrow_mut().pop_first().map(|((at, _), entry)| (at, entry))
    }

    /// Lets a call go on; tells whose it is. `None` when nobody waits for it any more.
    pub fn arrive(&self, call: u64) -> Option<u64> {
        let mut calls = self.calls.borrow_mut();
        let call = calls.get_mut(&call)?;
        call.arrived = true;
        call.waker.wake_by_ref();
        Some(call.invocation)
    }
}

/// A wait of an invocation until a time.
pub struct Wait {
    stage: Rc<Stage>,
    invocation: u64,
    until: Timestamp,
    call: Option<u64>,
}

impl Wait {
    pub fn until(stage: &Rc<Stage>, invocation: u64, until: Timestamp) -> Self {
        Self { stage: Rc::clone(stage), invocation, until, call: None }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let wait = &mut *self;
        let agenda = &wait.stage.agenda;
        let number = *wait.call.get_or_insert_with(|| {
            let number = agenda.number();
            agenda.enter(wait.until, Entry::Call(number));
            let call = Call { invocation: wait.invocation, waker: context.waker().clone(), arrived: false };
            agenda.calls.borrow_mut().insert(number, call);
            number
        });
        let mut calls = agenda.calls.borrow_mut();
        let call = calls.get_mut(&number).expect("a call stays as long as somebody waits for it");
        if call.arrived {
            return Poll::Ready(());
        }
        call.waker.clone_from(context.waker());
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(call) = self.call {
            self.stage.agenda.calls.borrow_mut().remove(&call);
        }
    }
}
