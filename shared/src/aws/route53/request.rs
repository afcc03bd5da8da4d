//! Our words as Route 53 takes them.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use aws_sdk_route53::{
    error::BuildError,
    operation::list_resource_record_sets::{
        ListResourceRecordSetsOutput, builders::ListResourceRecordSetsFluentBuilder,
    },
    types::{AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType, Vpc},
};

use crate::{
    model::{DomainName, RecordChange, RecordData, RecordSet, VpcReference, ZoneKey},
    port::{FailureKind, PortError},
};

/// Where a listing of records begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    name: String,
    kind: Option<RrType>,
    identifier: Option<String>,
}

impl Position {
    /// With the first record at a name, or where it would be.
    pub fn at(name: &DomainName) -> Self {
        Self { name: written(name), kind: None, identifier: None }
    }

    /// With what follows a page; `None` when the page doesn't say.
    pub fn after(page: &ListResourceRecordSetsOutput) -> Option<Self> {
        Some(Self {
            name: page.next_record_name()?.to_owned(),
            kind: page.next_record_type().cloned(),
            identifier: page.next_record_identifier().map(ToOwned::to_owned),
        })
    }

    /// The call that begins here.
    pub fn begin(self, call: ListResourceRecordSetsFluentBuilder) -> ListResourceRecordSetsFluentBuilder {
        call.start_record_name(self.name).set_start_record_type(self.kind).set_start_record_identifier(self.identifier)
    }
}

/// A name as Route 53 takes it: with a dot at its end, and what isn't among a-z, 0-9, -, _, . and * as a code.
///
/// Source: Route 53 developer guide, DNS domain name format.
pub fn written(name: &DomainName) -> String {
    let mut text = String::new();
    for character in name.as_str().chars() {
        match character {
            // A backslash stands before codes alone in our names, too.
            'a'..='z' | '0'..='9' | '-' | '_' | '.' | '*' | '\\' => text.push(character),
            other => text.extend(code(other)),
        }
    }
    text + "."
}

/// A backslash and three octal digits.
fn code(character: char) -> impl Iterator<Item = char> {
    let digit = move |shift: u32| char::from_digit(u32::from(character) >> shift & 7, 8);
    std::iter::once('\\').chain([6, 3, 0].into_iter().filter_map(digit))
}

/// A VPC as Route 53 takes it.
pub fn vpc_of(vpc: &VpcReference) -> Vpc {
    Vpc::builder().vpc_id(vpc.vpc.as_str()).vpc_region(vpc.region.as_str().into()).build()
}

/// A text that no call has had before: what names the zone is for people, the rest is by chance.
pub fn new_reference(name: &DomainName) -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // Each state has keys of its own, seeded by the operating system.
    let chance = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(CALLS.fetch_add(1, Ordering::Relaxed));
        hasher.finish()
    };
    // A caller reference has 128 characters at most, and a name up to 253.
    let name: String = name.as_str().chars().take(64).collect();
    format!("drawbridge/{name}/{:016x}{:016x}", chance(), chance())
}

/// Why a change can't be put into words of Route 53.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// It is about a record of which we don't read everything.
    #[error("{0} is chosen among others, or made by other means, and isn't ours to write")]
    Other(String),
    /// Something is missing in it.
    #[error(transparent)]
    Incomplete(#[from] BuildError),
}

/// A change that was never sent.
pub fn unwritable(call: &'static str, key: &ZoneKey, why: &Unwritable) -> PortError {
    PortError { call, place: key.to_string(), kind: FailureKind::Refused, code: None, message: why.to_string() }
}

/// Changes as one batch.
pub fn change_batch(changes: &[RecordChange]) -> Result<ChangeBatch, Unwritable> {
    let changes = changes.iter().map(|change| {
        let (action, record) = match change {
            RecordChange::Create(record) => (ChangeAction::Create, record),
            RecordChange::Upsert(record) => (ChangeAction::Upsert, record),
            RecordChange::Delete(record) => (ChangeAction::Delete, record),
        };
        Ok(Change::builder().action(action).resource_record_set(record_set(record)?).build()?)
    });
    Ok(ChangeBatch::builder().set_changes(Some(changes.collect::<Result<Vec<_>, Unwritable>>()?)).build()?)
}

fn record_set(record: &RecordSet) -> Result<ResourceRecordSet, Unwritable> {
    if record.routing.is_some() {
        return Err(Unwritable::Other(record.key().to_string()));
    }
    let set = ResourceRecordSet::builder().name(written(&record.name)).r#type(record.kind.as_str().into());
    let set = match &record.data {
        RecordData::Values { ttl, values } => {
            let values = values.iter().map(|value| ResourceRecord::builder().value(value).build());
            set.ttl(i64::from(*ttl)).set_resource_records(Some(values.collect::<Result<_, _>>()?))
        }
        RecordData::Alias { zone, target, evaluate_health } => {
            let alias = AliasTarget::builder().hosted_zone_id(zone.as_str()).dns_name(written(target));
            set.alias_target(alias.evaluate_target_health(*evaluate_health).build()?)
        }
        RecordData::Other => return Err(Unwritable::Other(record.key().to_string())),
    };
    Ok(set.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecordType;

    #[test]
    fn name_is_written_with_its_dot_and_with_codes_where_route_53_wants_them() {
        for (name, expected) in [
            ("\\052.Example.com.", "*.example.com."),
            ("a\\041b._c-d.example.com", "a\\041b._c-d.example.com."),
            ("a\\056b.example.com", "a\\056b.example.com."),
        ] {
            assert_eq!(written(&DomainName::of_route53(name)), expected);
        }
    }

    #[test]
    fn reference_is_new_for_each_call_and_short_enough() {
        let name = DomainName::of_route53(&"a.".repeat(120));
        let (one, other) = (new_reference(&name), new_reference(&name));
        assert_ne!(one, other);
        assert!(one.len() <= 128, "{one}");
    }

    #[test]
    fn record_that_is_chosen_among_others_or_made_by_other_means_is_not_written() {
        let other = RecordSet {
            name: DomainName::of_route53("a.example.com"),
            kind: RecordType::A,
            data: RecordData::Other,
            routing: None,
        };
        let data = RecordData::Values { ttl: 60, values: ["192.0.2.1".to_owned()].into() };
        let weighted = RecordSet { data: data.clone(), routing: Some("blue".to_owned()), ..other.clone() };
        for record in [other.clone(), weighted] {
            let error = change_batch(&[RecordChange::Delete(record)]).unwrap_err();
            assert!(error.to_string().starts_with("A:a.example.com is chosen among others"), "{error}");
        }
        assert!(change_batch(&[RecordChange::Delete(RecordSet { data, ..other })]).is_ok());
    }
}
