//! What holds for any tags and any rules.

use proptest::prelude::*;

use super::*;
use crate::model::tag::Mark;

const KEYS: [&str; 5] = ["creator", "owner", "unit", "cost", "note"];

fn any_rules() -> impl Strategy<Value = Rules> {
    let from = prop::sample::select(vec![
        "{creator.name}",
        "{account.name}",
        "{account.ou-path}",
        "{account.tag.cost-centre}",
        "{account.tag.gone}",
        "{endpoint.id} of {account.name}",
        "constant",
    ]);
    let overwrite = prop::sample::select(vec!["never", "own", "always"]);
    let default = prop::option::of(Just("none"));
    let rule = (from, overwrite, default).prop_map(|(from, overwrite, default)| {
        // Who made something is never overwritten, and a rule that wants it is none.
        let overwrite = if from.contains("creator") && overwrite == "always" { "own" } else { overwrite };
        json!({ "from": from, "overwrite": overwrite, "default": default })
    });
    prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), rule, 0..5).prop_map(|write| {
        rules_with(&json!(write), &json!({ "infrastructure-as-code": [{ "key": "iac", "value": "yes" }] }))
    })
}

fn any_tags() -> impl Strategy<Value = Tags> {
    let key = prop_oneof![
        prop::sample::select(KEYS.to_vec()).prop_map(ToOwned::to_owned),
        Just("iac".to_owned()),
        Just("aws:cloudformation:stack-name".to_owned()),
        "[a-z]{1,3}"
    ];
    let value = prop::sample::select(vec!["payments", "yes", "other", ""]).prop_map(ToOwned::to_owned);
    let mark = prop::option::of(prop_oneof![
        prop::sample::subsequence(KEYS.to_vec(), 0..5).prop_map(|keys| format!("hub {}", keys.join("+"))),
        Just("other owner".to_owned()),
    ]);
    (prop::collection::btree_map(key, value, 0..60), mark).prop_map(|(mut tags, mark)| {
        tags.extend(mark.map(|mark| (tag::WRITTEN.to_owned(), mark)));
        tags
    })
}

/// What there is after the steps were carried out.
fn carry_out(plan: &Plan<Step>, observed: &Observed) -> Observed {
    let mut after = observed.clone();
    for (step, _) in &plan.steps {
        let tags = match step.resource.kind {
            ResourceKind::Endpoint => &mut after.endpoints[0].tags,
            _ => after.interfaces.get_mut(&step.resource.id.parse().unwrap()).unwrap(),
        };
        tags.extend(step.tags.clone());
    }
    after
}

proptest! {
    #[test]
    fn second_run_does_nothing_and_what_is_of_others_stands(
        rules in any_rules(), endpoint_tags in any_tags(), interface_tags in any_tags(), is_made in any::<bool>()
    ) {
        let mut before = observed(&json!({}));
        before.endpoints[0].tags = endpoint_tags;
        *before.interfaces.values_mut().next().unwrap() = interface_tags;
        if is_made {
            before.creations = [creation(ResourceKind::Endpoint, ENDPOINT, "deployer")].into();
        }
        let first = of_endpoint(&before, &rules);
        let after = carry_out(&first, &before);
        let second = of_endpoint(&after, &rules);
        prop_assert_eq!(&second.steps, &[]);
        let pairs = [
            (&before.endpoints[0].tags, &after.endpoints[0].tags),
            (before.interfaces.values().next().unwrap(), after.interfaces.values().next().unwrap()),
        ];
        for (was, is) in pairs {
            let ours = Mark::read(was).ok().flatten().filter(|mark| mark.deployment.as_str() == "hub");
            let ours = ours.map(|mark| mark.keys).unwrap_or_default();
            let by_code = rules.configuration.tags.is_managed_by_code(was);
            for (key, value) in was {
                let rule = rules.configuration.tags.write.get(key);
                let may_change = key == tag::WRITTEN || rule.is_some_and(|rule| match rule.overwrite {
                    crate::policy::Overwrite::Never => false,
                    crate::policy::Overwrite::Own => ours.contains(key),
                    crate::policy::Overwrite::Always => ours.contains(key) || !by_code,
                });
                prop_assert!(may_change || is.get(key) == Some(value), "{} was changed", key);
            }
            let added = is.keys().filter(|key| !was.contains_key(*key));
            for key in added {
                prop_assert!(key == tag::WRITTEN || rules.configuration.tags.write.contains_key(key), "{}", key);
            }
            let counted = |tags: &Tags| tags.keys().filter(|key| !key.starts_with("aws:")).count();
            prop_assert!(counted(is) <= tag::TAGS_LIMIT.max(counted(was)));
        }
    }

    #[test]
    fn steps_are_the_same_whatever_the_order_in_which_resources_were_listed(rules in any_rules(), seed in any::<u64>()) {
        let mut many = observed(&json!({}));
        many.endpoints = (0..6).map(|index| {
            let mut other = endpoint(&json!({}));
            other.key.endpoint = format!("vpce-0000000{index}").parse().unwrap();
            other.interfaces.clear();
            other
        }).collect();
        let mut shuffled = many.clone();
        shuffled.endpoints.rotate_left((seed % 6) as usize);
        shuffled.endpoints.swap(0, (seed / 7 % 6) as usize);
        let plans = [many, shuffled].map(|observed| written(&plan_of(What::Endpoints, &observed, &rules)));
        prop_assert_eq!(&plans[0], &plans[1]);
    }
}
