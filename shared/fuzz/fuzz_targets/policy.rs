//! Hands whatever libFuzzer comes upon to the target of this name.

#![no_main]

#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("policy", bytes));
