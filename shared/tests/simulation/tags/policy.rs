//! Tag policies, and what each forbids by the simulation's own reckoning.

use drawbridge::{
    model::{AccountId, TagPolicy},
    world::State,
};

/// A tag policy: its text, and the values that it lets a key have.
pub struct Policy {
    pub text: &'static str,
    key: &'static str,
    /// How the key is to be spelled, if not as it is.
    spelled: bool,
    begins: &'static [&'static str],
}

pub const POLICIES: [Policy; 4] = [
    Policy {
        text: r#"{"tags": {"cost-centre": {"tag_key": "cost-centre", "tag_value": ["4*", "unallocated"]}}}"#,
        key: "cost-centre",
        spelled: true,
        begins: &["4", "unallocated"],
    },
    Policy {
        text: r#"{"tags": {"platform": {"tag_key": "Platform"}}}"#,
        key: "platform",
        spelled: false,
        begins: &[""],
    },
    Policy {
        text: r#"{"tags": {"creator": {"tag_value": ["a*", "d*"]}}}"#,
        key: "creator",
        spelled: true,
        begins: &["a", "d"],
    },
    Policy { text: r#"{"tags": {"unit": {"tag_value": ["Prod*"]}}}"#, key: "unit", spelled: true, begins: &["Prod"] },
];

impl Policy {
    pub fn parsed(&self) -> TagPolicy {
        TagPolicy::parse(self.text).unwrap()
    }
}

/// Whether the policy that is in force for an account forbids a value.
pub fn forbids(state: &State, account: &AccountId, key: &str, value: &str) -> bool {
    let Some(in_force) = state.tag_policies.get(account) else { return false };
    let policy = POLICIES.iter().find(|policy| policy.parsed() == *in_force);
    policy.is_some_and(|policy| {
        policy.key == key && !(policy.spelled && policy.begins.iter().any(|begin| value.starts_with(begin)))
    })
}
