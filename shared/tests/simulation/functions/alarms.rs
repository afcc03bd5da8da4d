//! `publish-alarms`.

use drawbridge::controller::alarms::Alarms;

use super::Function;
use crate::{body::Source, environment::Lambda, mutant::Mutant};

pub const FUNCTION: Function = Function {
    name: "publish-alarms",
    is_deployed: |stage| stage.plays_alarms(),
    hears: |source| {
        matches!(
            source,
            Source::PrivateLink
                | Source::Network
                | Source::LoadBalancing
                | Source::Own
                | Source::Accepted
                | Source::Decided
        )
    },
    batch: 10,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, mutation, _| {
            let sound = Alarms::new(ports.clone(), ports.clone(), ports.clone(), ports.clone(), ports.clone());
            Mutant::new(sound, mutation)
        })
    },
};
