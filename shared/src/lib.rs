//! Drawbridge keeps AWS `PrivateLink` in order across an AWS Organization.
//!
//! # The walk of one event
//!
//! | step | where | effect |
//! | --- | --- | --- |
//! | 1 parse | [`event`]: a message names subjects, or is ignored with a reason | pure |
//! | 2 key | [`reconcile`]: a controller locates the keys; many events, one key | reads |
//! | 3 observe | [`controller`]: the live facts about a key, or an error | reads |
//! | 4 plan | [`plan`]: steps, and what is held, each with its reason | pure |
//! | 5 apply | [`controller`]: every step is tried and answered for | writes, by [`reconcile::Permit`] |
//! | 6 report | [`report`]: log lines, metrics, events; `lambda`: the partial batch answer | |
//!
//! Steps 2 to 6 are the same for an event, for a sweep and for the tests.
//!
//! # Layers
//!
//! A layer uses those above it in this list, never those below.
//!
//! - [`model`], then [`policy`], [`event`] and [`plan`]: values and decisions. Pure.
//! - [`port`]: the I/O edge in the domain's words. Of the driver it knows the [`reconcile::Permit`] alone.
//! - [`membership`], [`providers`]: what controllers have in common: who is a member, where services are.
//! - [`controller`], [`reconcile`], [`report`], [`settings`]: the walk, on ports.
//! - `world` (feature `world`): the ports in memory, with faults to order.
//! - `aws` (feature `aws`): the ports on AWS. Nothing above it sees the SDK.
//! - `lambda` (feature `lambda`): the function around a controller. The command stands in its place with the feature
//!   `command`.
//!
//! Without features this is the pure core, which compiles no SDK.

#[cfg(feature = "aws")]
pub mod aws;
pub mod controller;
pub mod event;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod membership;
pub mod model;
pub mod plan;
pub mod policy;
pub mod port;
pub mod providers;
pub mod reconcile;
pub mod report;
pub mod settings;
#[cfg(feature = "world")]
pub mod world;
