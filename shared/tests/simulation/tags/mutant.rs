//! `tag-resources`, broken on purpose.

use drawbridge::{
    controller::tags::Tagger,
    model::{Creation, Creator, Resource, ResourceKind, Tags},
    plan::{
        Decision, Outcome, Plan, reason,
        tags::{Key, Observed, Step},
    },
    policy::{Overwrite, Rules},
};
use jiff::Timestamp;

use super::thing::marked;
use crate::{
    mutant::{Breakable, Mutation},
    wire::Ports,
};

/// All tags that were read.
fn all_tags(observed: &mut Observed) -> impl Iterator<Item = &mut Tags> {
    let Observed { endpoints, interfaces, services, connections, behind, others, .. } = observed;
    let endpoints = endpoints.iter_mut().map(|endpoint| &mut endpoint.tags);
    let services = services.iter_mut().map(|service| &mut service.tags);
    let connections = connections.iter_mut().map(|(_, connection)| &mut connection.tags);
    let behind = behind.values_mut().map(|behind| &mut behind.tags);
    endpoints.chain(interfaces.values_mut()).chain(services).chain(connections).chain(behind).chain(others.values_mut())
}

impl Mutation {
    /// The rules as the broken function takes them.
    fn of_tags(self, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        if self == Self::OverwritesTheForeign {
            rules.configuration.tags.write.values_mut().for_each(|rule| rule.overwrite = Overwrite::Always);
        }
        rules
    }

    fn observed_tags(self, observed: &Observed) -> Observed {
        let mut observed = observed.clone();
        match self {
            Self::TagsTheExempt => all_tags(&mut observed).for_each(|tags| drop(tags.remove("drawbridge:ignore"))),
            Self::IgnoresTagPolicies => observed.tag_policy = drawbridge::model::TagPolicy::default(),
            Self::NamesAnotherCreator => {
                observed.creations.values_mut().for_each(|creation| creation.creator.name.push_str(".other"));
            }
            Self::CountsOneTagLess => {
                for tags in all_tags(&mut observed) {
                    let filler = tags.keys().find(|key| key.starts_with("filler-")).cloned();
                    filler.map(|filler| tags.remove(&filler));
                }
            }
            // As if it hadn't written yet who made what people have written something else on, and were told of it.
            Self::RewritesTheCreator => {
                for endpoint in &mut observed.endpoints {
                    let is_ours = marked(&endpoint.tags).is_some_and(|keys| keys.contains(&"creator"));
                    if is_ours && endpoint.tags.get("creator").is_some_and(|creator| creator == "changed") {
                        endpoint.tags.remove("creator");
                        let resource = Resource::new(ResourceKind::Endpoint, endpoint.key.endpoint.as_str());
                        let creator = Creator {
                            kind: "IAMUser".to_owned(),
                            name: "again".to_owned(),
                            session: None,
                            account: None,
                            invoked_by: None,
                        };
                        let made = Creation { resource: resource.clone(), creator, at: Timestamp::UNIX_EPOCH };
                        observed.creations.entry(resource).or_insert(made);
                    }
                }
            }
            _ => {}
        }
        observed
    }
}

fn plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let observed = mutation.observed_tags(observed);
    let mut plan = drawbridge::plan::tags::plan(key, &observed, rules, now);
    match mutation {
        Mutation::ForgetsTheMark => {
            plan.steps.iter_mut().for_each(|(step, _)| drop(step.tags.remove("drawbridge:tags")));
        }
        Mutation::WritesOtherKeys => {
            let stray = |(step, _): &mut (Step, Decision)| drop(step.tags.insert("stray".to_owned(), "x".to_owned()));
            plan.steps.iter_mut().for_each(stray);
        }
        Mutation::TagsNothing => plan.steps.clear(),
        Mutation::TagsAgain => {
            let marked = observed.endpoints.iter().find_map(|endpoint| {
                let mark = endpoint.tags.get("drawbridge:tags")?.clone();
                let kind = drawbridge::model::ResourceKind::Endpoint;
                let resource = drawbridge::model::Resource::new(kind, endpoint.key.endpoint.as_str());
                Some(Step { resource, tags: Tags::from([("drawbridge:tags".to_owned(), mark)]) })
            });
            let again = marked.map(|step| (step, Decision::new(Outcome::Tag, reason::OUT_OF_STEP)));
            plan.steps.extend(again);
        }
        _ => {}
    }
    plan
}

impl Breakable for Tagger<Ports, Ports, Ports, Ports, Ports> {
    fn broken_rules(mutation: Mutation, rules: &Rules) -> Rules {
        mutation.of_tags(rules)
    }

    fn broken_plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(mutation, key, observed, rules, now)
    }
}

/// The broken functions of tags.
pub const MUTATIONS: [Mutation; 10] = [
    Mutation::OverwritesTheForeign,
    Mutation::ForgetsTheMark,
    Mutation::RewritesTheCreator,
    Mutation::NamesAnotherCreator,
    Mutation::IgnoresTagPolicies,
    Mutation::TagsTheExempt,
    Mutation::CountsOneTagLess,
    Mutation::WritesOtherKeys,
    Mutation::TagsNothing,
    Mutation::TagsAgain,
];

/// Whether a mutation is one of tags.
pub fn is_of_tags(mutation: Mutation) -> bool {
    MUTATIONS.contains(&mutation)
}
