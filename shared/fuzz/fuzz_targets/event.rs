//! Whatever lies in the queue is read or refused: no panic, a bounded number of subjects, a reason of bounded length.

#![no_main]

use drawbridge::event::{SUBJECT_LIMIT, Trigger, parse_body};
use libfuzzer_sys::fuzz_target;

/// In characters; the property tests of `event` hold the same bound.
const REASON_LIMIT: usize = 1_000;

fuzz_target!(|bytes: &[u8]| {
    match parse_body(&String::from_utf8_lossy(bytes)) {
        Ok(Trigger::Subjects(subjects)) => assert!((1..=SUBJECT_LIMIT).contains(&subjects.len())),
        Ok(Trigger::Ignored(_)) => {}
        Err(reason) => assert!(reason.to_string().chars().count() <= REASON_LIMIT),
    }
});
