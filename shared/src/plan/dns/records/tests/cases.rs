//! Every case of one name: what stands there, whose it is, whether it is wanted, and what each policy makes of it. The table
//! is proved here, and written to `docs/dns-cases.md`.

use super::*;

const NAME: &str = "A:api.example.com";
const POLICIES: [DnsPolicy; 3] = [DnsPolicy::Sync, DnsPolicy::UpsertOnly, DnsPolicy::CreateOnly];

/// What stands at the name.
#[derive(Clone, Copy, PartialEq)]
enum There {
    Nothing,
    Same,
    Different,
    Cname,
    Routed,
}

/// Who has registered it.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Nobody,
    Us,
    UsForAnother,
    Other,
}

use By::{Nobody, Other, Us, UsForAnother};
use There::{Cname, Different, Nothing, Routed, Same};

struct Case(There, By, bool, [&'static str; 3]);

const fn alike(there: There, by: By, wanted: bool, outcome: &'static str) -> Case {
    Case(there, by, wanted, [outcome; 3])
}

const CASES: &[Case] = &[
    alike(Nothing, Nobody, true, "create A"),
    alike(Nothing, Us, true, "create A"),
    alike(Nothing, UsForAnother, true, "create A"),
    alike(Nothing, Other, true, "held: NOT_OWNED"),
    alike(Same, Nobody, true, "stands, not taken over"),
    alike(Same, Us, true, "stands"),
    alike(Same, UsForAnother, true, "registration changes, stands"),
    alike(Same, Other, true, "stands, not taken over"),
    alike(Different, Nobody, true, "held: CONFLICT"),
    Case(Different, Us, true, ["update A", "update A", "held: POLICY_LEAVES"]),
    Case(Different, UsForAnother, true, ["update A", "update A", "held: POLICY_LEAVES"]),
    alike(Different, Other, true, "held: NOT_OWNED"),
    alike(Cname, Nobody, true, "held: CONFLICT"),
    Case(
        Cname,
        Us,
        true,
        ["delete CNAME, create A", "held: CONFLICT, held: POLICY_LEAVES", "held: CONFLICT, held: POLICY_LEAVES"],
    ),
    Case(
        Cname,
        UsForAnother,
        true,
        ["delete CNAME, create A", "held: CONFLICT, held: POLICY_LEAVES", "held: CONFLICT, held: POLICY_LEAVES"],
    ),
    alike(Cname, Other, true, "held: CONFLICT"),
    alike(Routed, Nobody, true, "held: CONFLICT"),
    alike(Routed, Us, true, "registration changes, held: CONFLICT"),
    alike(Routed, UsForAnother, true, "registration changes, held: CONFLICT"),
    alike(Routed, Other, true, "held: NOT_OWNED"),
    alike(Nothing, Us, false, "registration changes"),
    alike(Nothing, Other, false, "nothing"),
    alike(Different, Nobody, false, "nothing"),
    Case(Different, Us, false, ["delete A", "held: POLICY_LEAVES", "held: POLICY_LEAVES"]),
    alike(Different, Other, false, "nothing"),
    alike(Cname, Nobody, false, "nothing"),
    Case(Cname, Us, false, ["delete CNAME", "held: POLICY_LEAVES", "held: POLICY_LEAVES"]),
    alike(Cname, Other, false, "nothing"),
    alike(Routed, Nobody, false, "nothing"),
    alike(Routed, Us, false, "registration changes"),
    alike(Routed, Other, false, "nothing"),
];

impl Case {
    fn current(&self) -> Vec<RecordSet> {
        let Case(there, by, ..) = self;
        let standing = match there {
            Nothing => None,
            Same => Some(record(NAME, "192.0.2.1")),
            Different => Some(record(NAME, "192.0.2.9")),
            Cname => Some(record("CNAME:api.example.com", "elsewhere.example.org.")),
            Routed => Some(RecordSet { routing: Some("blue".to_owned()), ..record(NAME, "192.0.2.1") }),
        };
        let name = standing.as_ref().map_or_else(|| NAME.to_owned(), |record| record.key().to_string());
        let registration = match by {
            Nobody => None,
            Us => Some(registration(OURS, ONE, &[&name])),
            UsForAnother => Some(registration(OURS, TWO, &[&name])),
            Other => Some(registration(OTHER, "vpce-0000000000000000f", &[&name])),
        };
        standing.into_iter().chain(registration).collect()
    }

    fn outcome(&self, policy: DnsPolicy) -> String {
        let current = self.current();
        let wish: Vec<Wanted> = self.2.then(|| wanted(ONE, &[record(NAME, "192.0.2.1")])).into_iter().collect();
        let plan = plan_by(policy, &current, &wish);
        // Whatever comes of it, it is done at once.
        let again = plan_by(policy, &apply(&current, &plan), &wish);
        assert_eq!((told(&again.changes), told(&again.deletions)), (vec![], vec![]));

        let groups: Vec<&Group> = plan.changes.iter().chain(&plan.deletions).collect();
        let changes = groups.iter().flat_map(|group| group.records());
        let mut told: Vec<String> = changes.map(|change| change.to_string().replace(":api.example.com", "")).collect();
        if told.is_empty() && !groups.is_empty() {
            told.push("registration changes".to_owned());
        }
        let stands = |registered| if registered { "stands" } else { "stands, not taken over" };
        told.extend(plan.standing.iter().map(|standing| stands(standing.registered).to_owned()));
        told.extend(plan.held.iter().map(|held| format!("held: {}", held.reason)));
        if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
    }
}

fn there(there: There) -> &'static str {
    match there {
        Nothing => "nothing",
        Same => "what is wanted",
        Different => "another answer",
        Cname => "a CNAME",
        Routed => "a record with a routing policy",
    }
}

fn by(by: By) -> &'static str {
    match by {
        Nobody => "nobody",
        Us => "us",
        UsForAnother => "us, for another that wants it no more",
        Other => "another deployment",
    }
}

const INTRODUCTION: &str = "\
# What becomes of a record

For each name and type that is wanted of a hosted zone, or was, and for each `dns.policy`. This table is written by the test
that proves it (`UPDATE_GOLDEN=1 make core`).

A record is registered by a TXT record below `_drawbridge` of its zone, which is written in the same call as the record itself.
What isn't registered by this deployment alone is never changed or deleted.

- **create**, **update**, **delete**: done, together with the registration.
- **stands**: it is as it should be. **Not taken over**: it is somebody else's, answers as is wanted, and is left to them.
- **registration changes**: the record passes from one endpoint or service to another, or ceases to be ours; it is not touched.
- **held**: left as it is, and reported with what to do about it. `CONFLICT`: something else stands there. `NOT_OWNED`: another
  deployment has registered it. `POLICY_LEAVES`: the policy doesn't allow it.

With `upsert-only` and `create-only` no DELETE is ever sent: a registration that has become empty is kept as an empty one.

| stands at the name | registered by | wanted | `sync` | `upsert-only` | `create-only` |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn every_case_of_one_name_is_decided_as_the_documentation_says() {
    let mut text = INTRODUCTION.to_owned();
    for case in CASES {
        let Case(standing, registered, is_wanted, expected) = case;
        let outcomes = POLICIES.map(|policy| case.outcome(policy));
        let wanted = if *is_wanted { "yes" } else { "no" };
        let line = format!("| {} | {} | {wanted} |", there(*standing), by(*registered));
        assert_eq!(outcomes, *expected, "{line}");
        text.extend([line, format!(" {} |\n", outcomes.join(" | "))]);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dns-cases.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "run `UPDATE_GOLDEN=1 make core` and commit");
}
