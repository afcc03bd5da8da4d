//! What is to be done about one resource, given what its tags could be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Key, Observed, Step,
    facts::{Facts, View},
    value::{Value, fit},
};
use crate::{
    model::{
        Resource, ResourceKind, Tags,
        tag::{self, Mark},
    },
    plan::{About, Decision, Outcome, Plan, reason},
    policy::{Overwrite, Rules, TagRule},
};

/// Of how many resources with the same fault the names are told.
const NAMED: usize = 5;

/// Why a tag isn't written: the stable code, the tag's key, and the sentence for a person. Resources that have these in common
/// are told together.
type Held = (&'static str, String, String);

/// Plans for the resources of one key, one after the other.
#[derive(Debug)]
pub struct Planner<'a> {
    facts: Facts<'a>,
    rules: &'a Rules,
    plan: Plan<Step>,
    held: BTreeMap<Held, Vec<Resource>>,
}

/// What becomes of one tag of one resource.
enum Verdict {
    /// It is left.
    Stands,
    /// It is as it should be.
    Equal,
    /// It gets this value, to which this was done to make it fit.
    Write(String, Vec<&'static str>),
    /// It is left, which is told.
    Held(&'static str, String),
}

impl<'a> Planner<'a> {
    pub fn new(key: &'a Key, observed: &'a Observed, rules: &'a Rules, now: Timestamp) -> Self {
        let deployment = rules.configuration.deployment.as_str();
        let facts = Facts { key, observed, deployment, now };
        Self { facts, rules, plan: Plan::default(), held: BTreeMap::new() }
    }

    /// Plans for one resource.
    pub fn decide(&mut self, view: &View<'_>) {
        let ours = match self.ours(view.tags) {
            Ok(ours) => ours,
            Err(why) => return self.hold(view, tag::WRITTEN, reason::NOT_OWNED, why),
        };
        let (mut tags, mut told, mut equal) = (Tags::new(), Vec::new(), BTreeSet::new());
        // Those of AWS itself are not counted. The mark needs a place of its own.
        let own = view.tags.keys().filter(|key| !key.starts_with("aws:")).count();
        let mark = usize::from(!view.tags.contains_key(tag::WRITTEN));
        let mut free = tag::TAGS_LIMIT.checked_sub(own + mark);
        for (key, rule) in self.rules.configuration.tags.rules_for(view.resource.kind) {
            match self.judge(key, rule, view, &ours) {
                Verdict::Stands => {}
                Verdict::Equal => drop(equal.insert(key.clone())),
                Verdict::Held(reason, why) => self.hold(view, key, reason, why),
                Verdict::Write(..) if free.is_none_or(|free| free == 0 && !view.tags.contains_key(key)) => {
                    let why = format!("a resource has at most {} tags; remove one", tag::TAGS_LIMIT);
                    self.hold(view, key, reason::TAG_LIMIT, why);
                }
                Verdict::Write(value, fitting) => {
                    free = free.map(|free| free - usize::from(!view.tags.contains_key(key)));
                    let was = view.tags.get(key).map(|was| format!("was {was:?}"));
                    let new = format!("{key}={value:?}");
                    let fitting = fitting.into_iter().map(ToOwned::to_owned);
                    told.push(std::iter::once(new).chain(was).chain(fitting).collect::<Vec<_>>().join(", "));
                    tags.insert(key.clone(), value);
                }
            }
        }
        // Where we write anything, what is as it should be is ours, too. Of two runs at once, the second may have written a mark
        // that lacks what the first has written: so it is made good.
        let is_marked = !ours.is_empty();
        equal.retain(|key| !ours.contains(key));
        if tags.is_empty() && (equal.is_empty() || !is_marked) {
            return;
        }
        told.extend(equal.iter().filter(|_| is_marked).map(|key| format!("{key} marked as ours")));
        let keys: BTreeSet<String> = ours.into_iter().chain(tags.keys().cloned()).chain(equal).collect();
        let mark = Mark { deployment: self.rules.configuration.deployment.clone(), keys }.value();
        if mark.chars().count() > tag::VALUE_LIMIT {
            let why = format!("the tag {} has no room for more keys; remove keys of old rules from it", tag::WRITTEN);
            return self.hold(view, tag::WRITTEN, reason::TAG_LIMIT, why);
        }
        if view.tags.get(tag::WRITTEN) != Some(&mark) {
            tags.insert(tag::WRITTEN.to_owned(), mark);
        }
        let decision = Decision {
            about: self.about(&view.resource, format!("{} {}", view.resource.kind, view.resource)),
            detail: Some(told.join("; ")),
            ..Decision::new(Outcome::Tag, reason::OUT_OF_STEP)
        };
        self.plan.steps.push((Step { resource: view.resource.clone(), tags }, decision));
    }

    /// The keys of the resource that we have written; none of another deployment's resource.
    fn ours(&self, tags: &Tags) -> Result<BTreeSet<String>, String> {
        match Mark::read(tags) {
            Ok(None) => Ok(BTreeSet::new()),
            Ok(Some(mark)) if mark.deployment == self.rules.configuration.deployment => Ok(mark.keys),
            Ok(Some(mark)) => Err(format!(
                "the deployment {} writes its tags; to let this one, remove the tag {}",
                mark.deployment,
                tag::WRITTEN
            )),
            Err(error) => Err(format!("{error}; remove it")),
        }
    }

    fn judge(&self, key: &str, rule: &TagRule, view: &View<'_>, ours: &BTreeSet<String>) -> Verdict {
        let (current, is_ours) = (view.tags.get(key), ours.contains(key));
        // Who made something doesn't change: what says so stands, whoever wrote it.
        if rule.from.speaks_of_creator() && current.is_some() {
            return Verdict::Stands;
        }
        let text = match self.facts.value(&rule.from, view) {
            Value::Text(text) => text,
            Value::Absent => match (self.inherited(key, rule, view).or(rule.default.as_deref()), current) {
                (Some(value), _) => value.to_owned(),
                (None, Some(_)) if is_ours => {
                    let why = "what the value was taken from is gone, the value stays; give the rule a default";
                    return Verdict::Held(reason::SOURCE_GONE, why.to_owned());
                }
                (None, _) => return Verdict::Stands,
            },
            Value::Unknown => match self.inherited(key, rule, view) {
                Some(value) => value.to_owned(),
                None => return Verdict::Stands,
            },
            Value::Several => {
                let why = "the endpoint services that share it have different values; give them the same one";
                return Verdict::Held(reason::CONFLICT, why.to_owned());
            }
        };
        let Some(fitted) = fit(&text) else { return Verdict::Stands };
        if current == Some(&fitted.value) {
            return Verdict::Equal;
        }
        if let Some(verdict) = self.forbid(rule, view, current.is_some(), is_ours) {
            return verdict;
        }
        match self.facts.observed.tag_policy.violation(key, &fitted.value) {
            Some(why) => Verdict::Held(reason::TAG_POLICY, format!("{:?} would not be compliant: {why}", fitted.value)),
            None => Verdict::Write(fitted.value, fitted.changes),
        }
    }

    /// Why a value that is there isn't replaced by another.
    fn forbid(&self, rule: &TagRule, view: &View<'_>, is_there: bool, is_ours: bool) -> Option<Verdict> {
        let by_code = || self.rules.configuration.tags.is_managed_by_code(view.tags);
        match rule.overwrite {
            _ if !is_there => None,
            Overwrite::Never => Some(Verdict::Stands),
            Overwrite::Own | Overwrite::Always if is_ours => None,
            Overwrite::Own => {
                let why = "somebody else wrote another value, which stays; remove it, or set overwrite: always";
                Some(Verdict::Held(reason::FOREIGN_VALUE, why.to_owned()))
            }
            Overwrite::Always if by_code() => {
                let why = "the resource is managed by code, which would write its value back; change it there";
                Some(Verdict::Held(reason::MANAGED_BY_CODE, why.to_owned()))
            }
            Overwrite::Always => None,
        }
    }

    /// What a network interface has from its endpoint where only the endpoint's tags still say who made both.
    fn inherited<'v>(&self, key: &str, rule: &TagRule, view: &View<'v>) -> Option<&'v str> {
        let endpoint = view.endpoint.filter(|_| view.resource.kind == ResourceKind::NetworkInterface)?;
        let is_ours = self.ours(&endpoint.tags).is_ok_and(|keys| keys.contains(key));
        endpoint.tags.get(key).filter(|_| is_ours && rule.from.speaks_of_creator()).map(String::as_str)
    }

    fn hold(&mut self, view: &View<'_>, key: &str, reason: &'static str, why: String) {
        self.held.entry((reason, key.to_owned(), why)).or_default().push(view.resource.clone());
    }

    fn about(&self, resource: &Resource, subject: String) -> About {
        let Key { account, region, .. } = self.facts.key;
        let fields = [
            ("account", account.to_string()),
            ("region", region.to_string()),
            ("resource_kind", resource.kind.to_string()),
        ];
        About { subject, fields: fields.into(), resource: resource.arn(account, region) }
    }

    /// The plan, with what is held told once for all resources that have it in common.
    pub fn finish(mut self) -> Plan<Step> {
        for ((reason, key, why), resources) in std::mem::take(&mut self.held) {
            let Some(first) = resources.first() else { continue };
            let named: Vec<&str> = resources.iter().take(NAMED).map(|resource| &*resource.id).collect();
            let more = resources.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let mut about = self.about(first, format!("tag {key} of {}{more}", named.join(", ")));
            about.fields.insert("tag_key", key);
            if resources.len() > 1 {
                about.resource.clear();
            }
            let decision = Decision { about, detail: Some(why), ..Decision::new(Outcome::Hold, reason) };
            self.plan.held.push(decision);
        }
        self.plan
    }
}
