//! `tag-resources`.

use drawbridge::controller::tags::Tagger;

use super::Function;
use crate::{body::Source, environment::Lambda, mutant::Mutant};

pub const FUNCTION: Function = Function {
    name: "tag-resources",
    is_deployed: |stage| stage.plays_tags(),
    hears: |source| {
        matches!(source, Source::PrivateLink | Source::Network | Source::Organization | Source::Own | Source::Accepted)
    },
    batch: 10,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, mutation, _| {
            let sound = Tagger::new(ports.clone(), ports.clone(), ports.clone(), ports.clone(), ports.clone());
            Mutant::new(sound, mutation)
        })
    },
};
