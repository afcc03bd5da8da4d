//! The functions: the first two are deployed in every story, the others in those of their cast. One is added by a line here and a
//! file beside this one.

mod alarms;
mod cloud_map;
mod connections;
mod dns;
mod organization;
mod tags;

use super::{body::Source, environment::Environment, mutant::Mutation, stage::Stage, wire::Ports};

/// A function, its queue and its event source mapping, as `infra/hub.yaml` sets them up.
pub struct Function {
    pub name: &'static str,
    /// Whether it is, in this story.
    pub is_deployed: fn(&Stage) -> bool,
    /// What its rules let through.
    pub hears: fn(Source) -> bool,
    /// Most messages of a batch.
    pub batch: usize,
    /// Makes an environment.
    pub start: fn(Ports, Mutation) -> Box<dyn Environment>,
}

pub const FUNCTIONS: [&Function; 6] = [
    &connections::FUNCTION,
    &organization::FUNCTION,
    &dns::FUNCTION,
    &tags::FUNCTION,
    &alarms::FUNCTION,
    &cloud_map::FUNCTION,
];
