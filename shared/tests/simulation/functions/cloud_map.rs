//! `sync-cloud-map`.

use drawbridge::controller::cloud_map::CloudMap;

use super::Function;
use crate::{body::Source, environment::Lambda, mutant::Mutant};

pub const FUNCTION: Function = Function {
    name: "sync-cloud-map",
    is_deployed: |stage| stage.plays_cloud_map(),
    hears: |source| {
        matches!(
            source,
            Source::PrivateLink
                | Source::Network
                | Source::LoadBalancing
                | Source::CloudMap
                | Source::Own
                | Source::Accepted
                | Source::Decided
        )
    },
    batch: 10,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, mutation, rules| {
            Mutant::new(CloudMap::new(ports.clone(), ports.clone(), ports.clone(), ports.clone(), rules), mutation)
        })
    },
};
