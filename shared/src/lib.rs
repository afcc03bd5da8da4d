//! Drawbridge keeps AWS `PrivateLink` in order across an AWS Organization.

#[cfg(feature = "aws")]
pub mod aws;
pub mod controller;
pub mod event;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod model;
pub mod plan;
pub mod policy;
pub mod port;
pub mod reconcile;
pub mod report;
pub mod settings;
#[cfg(feature = "world")]
pub mod world;
