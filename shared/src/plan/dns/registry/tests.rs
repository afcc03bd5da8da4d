//! Registrations are read as they were written, and nothing else is taken for one.

use proptest::prelude::*;

use super::*;

const KEY: &str = "vpce-0f1e2d3c4b5a69788";

fn zone() -> DomainName {
    DomainName::of_route53("example.com")
}

fn registration() -> Registration {
    Registration {
        key: KEY.to_owned(),
        owner: "production".parse().unwrap(),
        resource: format!("endpoint/444444444444/eu-west-1/{KEY}"),
        since: "2026-11-23T08:46:00Z".parse().unwrap(),
        records: ["A:api.example.com", "AAAA:api.example.com", "A:*.api.example.com"]
            .map(|key| key.parse().unwrap())
            .into(),
    }
}

fn with_text(text: &str) -> RecordSet {
    let data = RecordData::Values { ttl: TTL, values: [txt::quote(text)].into() };
    RecordSet { data, ..record(&registration(), &zone()) }
}

fn text() -> String {
    let RecordData::Values { values, .. } = record(&registration(), &zone()).data else { panic!("no values") };
    txt::unquote(values.first().unwrap()).unwrap()
}

#[test]
fn registration_is_a_text_beside_the_records() {
    let record = record(&registration(), &zone());
    assert_eq!(record.key().to_string(), format!("TXT:{KEY}._drawbridge.example.com"));
    assert!(is_registration(&record.key()));
    assert_eq!(
        text(),
        format!(
            "heritage=drawbridge,drawbridge/owner=production,drawbridge/resource=endpoint/444444444444/eu-west-1/{KEY},\
             drawbridge/since=2026-11-23T08:46:00Z,\
             drawbridge/records=A:*.api.example.com A:api.example.com AAAA:api.example.com"
        )
    );
}

#[test]
fn record_elsewhere_is_no_registration() {
    let ours = record(&registration(), &zone());
    for name in ["example.com", "_drawbridge.example.com", "vpce-0f1e2d3c4b5a69788.example.com"] {
        let elsewhere = RecordSet { name: DomainName::of_route53(name), ..ours.clone() };
        assert_eq!(read(&elsewhere, &zone()), None, "{name}");
        assert!(!is_registration(&elsewhere.key()));
    }
    assert_eq!(read(&RecordSet { kind: RecordType::A, ..ours.clone() }, &zone()), None);
    assert_eq!(read(&ours, &DomainName::of_route53("example.org")), None);
}

#[test]
fn what_cannot_be_read_says_why() {
    let whole = text();
    for (text, why) in [
        (String::new(), "it isn't ours"),
        ("heritage=external-dns,external-dns/owner=x".to_owned(), "it isn't ours"),
        ("heritage=drawbridge".to_owned(), "it isn't ours"),
        (whole.replace("drawbridge/owner=production,", ""), "drawbridge/owner= is not where it should be"),
        (whole.replace("drawbridge/records=", "drawbridge/note="), "drawbridge/records= is not where it should be"),
        (whole.replace("2026-11-23", "yesterday"), r#""yesterdayT08:46:00Z" is no time"#),
        (whole.replace("owner=production", "owner=P"), r#""P" is not a deployment name: 1 to 64 of a-z, 0-9 and -"#),
        (
            whole.replace("vpce-0f1e2d3c4b5a69788", "vpce-1"),
            "it stands elsewhere than a registration of endpoint/444444444444/eu-west-1/vpce-1",
        ),
        (format!("{whole} NS:example.com"), "it names NS:example.com, which is never registered"),
        (format!("{whole} A:example.org"), "it names A:example.org, which is never registered"),
        (
            format!("{whole} TXT:x._drawbridge.example.com"),
            "it names TXT:x._drawbridge.example.com, which is never registered",
        ),
        (format!("{whole} nonsense"), r#""nonsense" is no type and name such as A:api.example.com"#),
    ] {
        assert_eq!(read(&with_text(&text), &zone()).unwrap().unwrap_err().why, why, "{text}");
    }
}

#[test]
fn record_with_routing_several_values_or_no_text_is_no_registration_of_ours() {
    let ours = record(&registration(), &zone());
    let values = |values: &[&str]| RecordData::Values {
        ttl: TTL,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    for (record, why) in [
        (RecordSet { routing: Some("blue".to_owned()), ..ours.clone() }, "it has a routing policy"),
        (RecordSet { data: RecordData::Other, ..ours.clone() }, "it has no text"),
        (RecordSet { data: values(&["\"a\"", "\"b\""]), ..ours.clone() }, "it has 2 values instead of one"),
        (RecordSet { data: values(&["a"]), ..ours.clone() }, "it is no text in quotation marks"),
    ] {
        assert_eq!(read(&record, &zone()).unwrap().unwrap_err().why, why);
    }
    let deeper = RecordSet { name: ours.name.child("x"), ..ours };
    assert!(read(&deeper, &zone()).unwrap().is_err());
}

#[test]
fn error_names_the_record() {
    let error = read(&with_text("x"), &zone()).unwrap().unwrap_err();
    let expected = format!(
        "TXT:{KEY}._drawbridge.example.com stands among the registrations and can't be read as one: it isn't ours"
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn comment_of_a_zone_says_whose_it_is_and_what_for() {
    let owner: DeploymentId = "production".parse().unwrap();
    let comment = zone_comment(&owner, "zone/444444444444/eu-west-1/api.example.com");
    assert_eq!(read_zone_comment(&comment), Some((owner, "zone/444444444444/eu-west-1/api.example.com".to_owned())));
    for other in
        ["", "made by hand", "heritage=drawbridge", &comment.replace("production", "P"), &format!("{comment},x")]
    {
        assert_eq!(read_zone_comment(other), None, "{other}");
    }
}

prop_compose! {
    fn any_registration()(
        key in "vpce-(svc-)?[0-9a-f]{8,17}",
        kind in "service|endpoint",
        owner in "[a-z0-9-]{1,64}",
        since in -2_000_000_000_i64..4_000_000_000,
        records in prop::collection::btree_set(("(A|AAAA|TXT|HTTPS)", "([a-z0-9_*,:!-]{1,20}\\.){0,3}"), 0..12),
    ) -> Registration {
        Registration {
            resource: format!("{kind}/444444444444/eu-west-1/{key}"),
            key,
            owner: owner.parse().unwrap(),
            since: Timestamp::from_second(since).unwrap(),
            records: records.into_iter().map(|(kind, name)| RecordKey {
                name: zone().child(&name), kind: RecordType::parse(&kind),
            }).collect(),
        }
    }
}

proptest! {
    #[test]
    fn registration_is_read_as_it_was_written(registration in any_registration()) {
        let written = record(&registration, &zone());
        let as_route_53_lists = RecordSet {
            name: DomainName::of_route53(&format!("{}.", written.name.as_str().replace('_', "\\137"))),
            ..written
        };
        prop_assert_eq!(read(&as_route_53_lists, &zone()), Some(Ok(registration)));
    }

    #[test]
    fn any_text_is_read_or_refused(cut in 0..300_usize, more in "[ ,=/A:a-z.*]{0,12}") {
        let whole = text();
        let cut = cut.min(whole.len());
        let (before, after) = whole.split_at(cut);
        if let Some(Ok(registration)) = read(&with_text(&format!("{before}{more}{after}")), &zone()) {
            prop_assert_eq!(read(&record(&registration, &zone()), &zone()), Some(Ok(registration)));
        }
    }
}
