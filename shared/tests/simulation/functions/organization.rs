//! `watch-organization`.

use drawbridge::controller::organization::Organization;

use super::Function;
use crate::{body::Source, environment::Lambda};

pub const FUNCTION: Function = Function {
    name: "watch-organization",
    is_deployed: |_| true,
    hears: |source| source == Source::Organization,
    batch: 10,
    start: |ports, mutation| {
        Lambda::start(ports, mutation, |ports, _, _| Organization::new(ports.clone(), ports.clone()))
    },
};
