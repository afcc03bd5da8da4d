//! What each mode and each policy leave alone, through the whole story.

use serde_json::json;
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{HUB, controller, ground, rules_as, sweep, writes},
    picture::picture,
    story::story,
};

const POLICIES: [&str; 3] = ["sync", "upsert-only", "create-only"];
/// What takes something away that is in use. The permission to associate is taken back whatever the policy.
const TAKES_AWAY: [&str; 2] = ["route53:DeleteHostedZone", "route53:DisassociateVPCFromHostedZone"];

/// All calls of the story, and whether anything but what happens in it has changed anything.
async fn play(policy: &str, mode: &str) -> (Vec<&'static str>, bool) {
    let rules = rules_as(
        mode,
        &json!({
            "accounts": [HUB], "policy": policy, "private-names": {"select": "tagged"},
            "names": {"vpcs": {"tag": {"key": "dns", "value": "yes"}}},
        }),
    );
    let world = ground();
    let (mut calls, mut changed) = (Vec::new(), false);
    for (_, happening) in story() {
        happen(&world, &happening);
        let before = picture(&world);
        sweep(&controller(&world), &world, &rules).await;
        changed |= picture(&world) != before;
        calls.extend(world.take_calls());
    }
    (calls, changed)
}

#[tokio::test]
async fn only_enforce_writes_and_off_asks_for_nothing() {
    for policy in POLICIES {
        let (calls, changed) = unconstrained(play(policy, "off")).await;
        assert!(calls.is_empty() && !changed, "off, {policy}: {calls:?}");
        let (calls, changed) = unconstrained(play(policy, "observe")).await;
        assert!(!calls.is_empty() && !calls.iter().any(|call| writes(call)) && !changed, "observe, {policy}");
        let (calls, changed) = unconstrained(play(policy, "enforce")).await;
        assert!(calls.iter().any(|call| writes(call)) && changed, "enforce, {policy}");
    }
}

#[tokio::test]
async fn only_sync_takes_anything_away() {
    for (policy, takes_away) in POLICIES.into_iter().zip([true, false, false]) {
        let (calls, _) = unconstrained(play(policy, "enforce")).await;
        assert_eq!(TAKES_AWAY.iter().any(|call| calls.contains(call)), takes_away, "{policy}");
    }
}
