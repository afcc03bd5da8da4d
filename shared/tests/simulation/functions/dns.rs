//! `sync-dns`.

use drawbridge::controller::dns::Dns;

use super::Function;
use crate::{body::Source, environment::Lambda, mutant::Mutant};

pub const FUNCTION: Function = Function {
    name: "sync-dns",
    is_deployed: |stage| stage.plays_names(),
    hears: |source| {
        matches!(
            source,
            Source::PrivateLink
                | Source::Network
                | Source::Zone
                | Source::Own
                | Source::Review
                | Source::Accepted
                | Source::Decided
        )
    },
    batch: 10,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, mutation, _| {
            let sound = Dns::new(ports.clone(), ports.clone(), ports.clone(), ports.clone(), ports.clone());
            Mutant::new(sound, mutation)
        })
    },
};
