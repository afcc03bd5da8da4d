//! Steps 3 and 5 of the walk: what is read for a key, and how its steps are written. One file per controller; the decision
//! between the two is in `plan`, in the file of the same name.

pub mod adoption;
pub mod alarms;
pub mod cloud_map;
pub mod connections;
pub mod dns;
mod listings;
pub mod organization;
pub mod tags;
