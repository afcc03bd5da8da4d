//! `sync-cloud-map`, broken on purpose.

use drawbridge::{
    controller::cloud_map::CloudMap,
    model::{CloudMapService, EndpointId},
    plan::{
        Decision, Outcome, Plan,
        cloud_map::{Key, Observed, Step},
        reason,
    },
    policy::{Registration, Rules},
};
use jiff::Timestamp;

use super::{cast::AWS_SERVICE, reckoning::is_ours};
use crate::{
    mutant::{Breakable, Mutation},
    wire::Ports,
};

impl Mutation {
    fn observed_in_cloud_map(self, key: &Key, observed: &Observed) -> Observed {
        let mut observed = observed.clone();
        match (self, &mut observed) {
            (Self::TakesOthersInstances, Observed::Instances(registry)) => {
                for (_, instances) in &mut registry.services {
                    for attributes in instances.values_mut() {
                        let mark = [
                            ("drawbridge.owner", "hub"),
                            ("account", key.account.as_str()),
                            ("region", key.region.as_str()),
                        ];
                        attributes.extend(mark.map(|(key, value)| (key.to_owned(), value.to_owned())));
                        attributes.entry("endpoint-id".to_owned()).or_insert_with(|| "vpce-00000bad".to_owned());
                    }
                }
            }
            (Self::TakesOthersTargets, Observed::Targets(groups)) => {
                for followed in groups {
                    followed.group.tags.insert("drawbridge:owner".to_owned(), "hub".to_owned());
                }
            }
            _ => {}
        }
        observed
    }
}

/// An instance of ours that stands.
fn standing(key: &Key, observed: &Observed) -> Option<(CloudMapService, String, drawbridge::model::Attributes)> {
    let Observed::Instances(registry) = observed else { return None };
    registry.services.iter().find_map(|(service, instances)| {
        let is_one = |attributes: &drawbridge::model::Attributes| {
            is_ours(attributes, &key.account)
                && attributes.get("endpoint-id").is_some_and(|id| id.parse::<EndpointId>().is_ok())
        };
        let (id, attributes) = instances.iter().find(|(_, attributes)| is_one(attributes))?;
        Some((service.clone(), id.clone(), attributes.clone()))
    })
}

fn plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let observed = mutation.observed_in_cloud_map(key, observed);
    let mut plan = drawbridge::plan::cloud_map::plan(key, &observed, rules, now);
    match mutation {
        Mutation::TakesInstancesAway => {
            if let Some((service, id, _)) = standing(key, &observed) {
                let decision = Decision::new(Outcome::Withdraw, reason::NOT_WANTED);
                plan.removals.push((Step::Deregister { service: service.arn, id }, decision));
            }
        }
        Mutation::RegistersAgain => {
            if let Some((service, id, attributes)) = standing(key, &observed) {
                let decision = Decision::new(Outcome::Publish, reason::SELECTED);
                plan.steps.push((Step::Register { service: service.arn, id, attributes }, decision));
            }
        }
        Mutation::TakesAllTargetsAway => {
            if let Observed::Targets(groups) = &observed {
                let all = groups.iter().flat_map(|followed| {
                    followed
                        .targets
                        .keys()
                        .map(|target| Step::DeregisterTarget { group: followed.group.arn.clone(), target: *target })
                });
                let decision = || Decision::new(Outcome::Withdraw, reason::NOT_WANTED);
                plan.removals.extend(all.map(|step| (step, decision())));
            }
        }
        Mutation::KnowsNoLimitOfInstances => plan.steps.append(&mut plan.removals),
        Mutation::ForgetsWhoseAnInstanceIs => {
            for (step, _) in &mut plan.steps {
                if let Step::Register { attributes, .. } = step {
                    attributes.remove("drawbridge.owner");
                }
            }
        }
        Mutation::RegistersNothing => {
            plan.steps.retain(|(step, _)| !matches!(step, Step::Register { .. }));
            plan.again = None;
        }
        Mutation::FollowsNothing => plan.steps.retain(|(step, _)| !matches!(step, Step::RegisterTarget { .. })),
        Mutation::TakesUpNoZone => plan.steps.retain(|(step, _)| !matches!(step, Step::TakeUpZones { .. })),
        Mutation::KeepsInstances => {
            plan.removals.clear();
            plan.again = None;
        }
        _ => {}
    }
    plan
}

impl Breakable for CloudMap<Ports, Ports, Ports, Ports> {
    fn broken_rules(mutation: Mutation, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        if mutation == Mutation::RegistersTheUnselected {
            let registration = Registration::parse("queue").unwrap();
            rules.configuration.cloud_map.services.insert(AWS_SERVICE.to_owned(), registration);
        }
        rules
    }

    fn broken_plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(mutation, key, observed, rules, now)
    }
}

/// The broken functions of Cloud Map.
pub const MUTATIONS: [Mutation; 12] = [
    Mutation::TakesOthersInstances,
    Mutation::TakesOthersTargets,
    Mutation::RegistersTheUnselected,
    Mutation::TakesInstancesAway,
    Mutation::TakesAllTargetsAway,
    Mutation::KnowsNoLimitOfInstances,
    Mutation::ForgetsWhoseAnInstanceIs,
    Mutation::RegistersNothing,
    Mutation::FollowsNothing,
    Mutation::TakesUpNoZone,
    Mutation::KeepsInstances,
    Mutation::RegistersAgain,
];

/// Whether a mutation is one of Cloud Map.
pub fn is_of_cloud_map(mutation: Mutation) -> bool {
    MUTATIONS.contains(&mutation)
}
