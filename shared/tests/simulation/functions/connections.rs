//! `accept-connections`.

use drawbridge::controller::connections::Connections;

use super::Function;
use crate::{body::Source, environment::Lambda, mutant::Mutant};

pub const FUNCTION: Function = Function {
    name: "accept-connections",
    is_deployed: |_| true,
    hears: |source| matches!(source, Source::Notification | Source::PrivateLink | Source::Own | Source::Review),
    batch: 100,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, mutation, _| {
            Mutant::new(Connections::new(ports.clone(), ports.clone(), ports.clone()), mutation)
        })
    },
};
