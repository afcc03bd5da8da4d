use super::*;

const LEAST: &str = r#"
version: 1
deployment: drawbridge
organization: o-a1b2c3d4e5
hub-account: "222222222222"
providers:
  accounts: ["222222222222"]
  regions: [eu-west-1]
"#;

fn faults(text: &str) -> String {
    Configuration::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_left_out_takes_the_safe_value() {
    let configuration = Configuration::parse(LEAST).unwrap();
    assert_eq!(configuration.mode, Mode::Observe);
    assert_eq!(configuration.services, Services::default());
    assert_eq!(configuration.services.select, Select::Tagged);
    assert_eq!(configuration.providers.role, "drawbridge-member");
    assert_eq!(configuration.membership.remember.as_duration(), Duration::from_mins(5));
}

#[test]
fn all_faults_are_reported_at_once_with_line_and_column() {
    let text = r"version: 1
deployment: Drawbridge
organisation: o-a1b2c3d4e5
hub-account: 222222222222
mode: enfroce
providers:
  accounts: []
  regions: [eu-west-1, Ireland]
membership: {remember: 5 minutes}
";
    let expected = r#"drawbridge.yaml:1:1: "organization" is missing
drawbridge.yaml:2:1: deployment: "Drawbridge" is not a deployment name: 1 to 64 of a-z, 0-9 and -
drawbridge.yaml:3:1: "organisation" is not known here: remove it or mend its spelling
drawbridge.yaml:4:1: hub-account: 222222222222 has to be an account id such as "123456789012" (12 digits, in quotes): put it in quotes
drawbridge.yaml:5:1: mode: "enfroce" is none of "off", "observe", "enforce"
drawbridge.yaml:7:3: providers.accounts: needs at least 1
drawbridge.yaml:8:24: providers.regions.1: "Ireland" is not a Region such as eu-west-1
drawbridge.yaml:9:14: membership.remember: "5 minutes" is not a length of time such as 90s, 15m, 12h or 7d (at most 4 digits)"#;
    assert_eq!(faults(text), expected);
}

#[test]
fn memory_that_lasts_too_long_is_refused_with_its_place() {
    let text = format!("{LEAST}membership: {{remember: 61m}}\n");
    assert!(faults(&text).starts_with("drawbridge.yaml:9:14: membership.remember: at most 1h"), "{}", faults(&text));
}

#[test]
fn memory_of_an_hour_is_the_longest() {
    let remember = |period: &str| Configuration::parse(&format!("{LEAST}membership: {{remember: {period}}}\n"));
    assert_eq!(remember("60m").unwrap().membership.remember.as_duration(), LONGEST_MEMORY);
    assert!(remember("3601s").is_err());
}

#[test]
fn revocation_that_is_left_out_or_empty_takes_the_documented_values() {
    let documented = Revocation {
        of: BTreeSet::from([RevocationCase::Forbidden, RevocationCase::Lost]),
        grace: Period::from(Duration::from_hours(24)),
        most: 10,
        most_percent: 25,
    };
    for more in ["", "revocation: {}\n"] {
        assert_eq!(Configuration::parse(&format!("{LEAST}{more}")).unwrap().revocation, documented, "{more}");
    }
}

#[test]
fn mode_is_told_by_the_word_of_the_configuration() {
    for mode in [Mode::Off, Mode::Observe, Mode::Enforce] {
        let configuration = Configuration::parse(&format!("{LEAST}mode: {mode}\n")).unwrap();
        assert_eq!(configuration.mode, mode);
    }
}

#[test]
fn text_that_is_no_mapping_is_refused() {
    assert_eq!(faults("just text"), "drawbridge.yaml:1:1: \"just text\" has to be a mapping");
    assert!(faults("a: {").starts_with("drawbridge.yaml:"));
}

#[test]
fn service_is_selected_by_its_tag_unless_every_one_is() {
    let mut configuration = Configuration::parse(LEAST).unwrap();
    let tags = |value: &str| [("drawbridge:enabled".to_owned(), value.to_owned())].into();
    assert!(configuration.looks_after(&tags("true")));
    assert!(!configuration.looks_after(&tags("false")));
    let exempt = [("drawbridge:enabled", "true"), ("drawbridge:ignore", "true")];
    assert!(!configuration.looks_after(&exempt.map(|(key, value)| (key.to_owned(), value.to_owned())).into()));
    assert!(!configuration.looks_after(&Tags::new()));
    configuration.services.select = Select::Every;
    assert!(configuration.looks_after(&Tags::new()));
}

#[test]
fn published_schema_is_the_one_that_is_enforced() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/drawbridge.schema.json");
    let made = serde_json::to_string_pretty(&Configuration::schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), made, "run `UPDATE_GOLDEN=1 make core` and commit");
}

#[test]
fn profiles_that_can_not_do_what_is_asked_are_refused_with_the_remedy() {
    let profile = |account: &str, id: &str| format!("arn:aws:route53profiles:eu-west-1:{account}:profile/rp-{id}");
    let with = |least: &str, accounts: &str, profiles: &[String]| {
        format!("{least}dns: {{accounts: [{accounts}], names: {{profiles: [\"{}\"]}}}}\n", profiles.join("\", \""))
    };
    let one = [profile("222222222222", "1")];
    assert!(Configuration::parse(&with(LEAST, "\"222222222222\"", &one)).is_ok());
    let told = faults(&with(LEAST, "", &one));
    assert!(told.ends_with("nothing is written in 222222222222; list it in dns.accounts"), "{told}");
    assert!(told.starts_with("drawbridge.yaml:9:"), "{told}");
    let two = [profile("222222222222", "1"), profile("222222222222", "2")];
    let told = faults(&with(LEAST, "\"222222222222\"", &two));
    assert!(told.contains("has more than one in eu-west-1; name the one to use"), "{told}");
    let long = LEAST.replace("drawbridge\n", &format!("{}\n", "d".repeat(LONGEST_MARK + 1)));
    let told = faults(&with(&long, "\"222222222222\"", &one));
    assert!(told.ends_with("shorten `deployment`"), "{told}");
    let told = faults(&with(LEAST, "\"222222222222\"", &["rp-1".to_owned()]));
    assert!(told.contains("the ARN of a Route 53 Profile such as"), "{told}");
}

#[test]
fn fault_of_what_may_be_left_out_is_told_as_any_other() {
    let told = faults(&format!("{LEAST}dns: {{names: {{vpcs: {{tag: {{key: dns}}}}}}}}\n"));
    assert_eq!(told, "drawbridge.yaml:9:22: dns.names.vpcs.tag: \"value\" is missing");
    let told = faults(&format!("{LEAST}dns: {{names: {{vpcs: {{tag: dns=yes}}}}}}\n"));
    assert_eq!(told, "drawbridge.yaml:9:22: dns.names.vpcs.tag: \"dns=yes\" has to be a mapping");
    let told = faults(&format!("{LEAST}requests: {{reject-after: 14 days}}\n"));
    assert!(told.contains("requests.reject-after: \"14 days\" is not a length of time such as"), "{told}");
}
