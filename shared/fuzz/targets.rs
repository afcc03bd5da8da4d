//! What must hold of any text that a function reads from outside. libFuzzer calls it with whatever it comes upon
//! (`fuzz_targets/`), and `shared/tests/fuzz.rs` with all seeds and variations of them: one truth for both.

use drawbridge::{
    event::{self, SUBJECT_LIMIT, Subject, Trigger},
    model::{AccountId, EndpointService, ServiceKey, Tags},
    policy::{Acceptance, Configuration, Faults, Question, Rules, alternatives},
};
use jiff::Timestamp;

/// What must hold of a text.
type Check = fn(&str);

/// Each target: its name, which is that of its folder of seeds, and what must hold.
pub const TARGETS: [(&str, Check); 3] = [("event", event), ("configuration", configuration), ("policy", policy)];

/// In characters. What is wrong is to be read, not scrolled.
const TEXT_LIMIT: usize = 1_000;
/// Most characters of all that is wrong: it goes into one line of the log, of which `CloudWatch` takes 256 KiB at the least.
const REPORT_LIMIT: usize = 60_000;

/// A configuration and a policy that are sound, to go with the other one.
const CONFIGURATION: &str = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
    providers: {accounts: ['222222222222'], regions: [eu-west-1, us-east-1]}, principals: {manage: exact}}";
const POLICY: &str = "@id(\"p\") permit (principal in Drawbridge::Organization::\"o-a1b2c3d4e5\", action, resource);";

/// Runs a target.
///
/// # Panics
/// When something doesn't hold, and when there is no such target.
pub fn run(target: &str, bytes: &[u8]) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of this name");
    check(&String::from_utf8_lossy(bytes));
}

/// A message of the queue: it names a bounded number of subjects, which stand in it, or why it doesn't is said in bounded words.
fn event(body: &str) {
    let read = event::parse_body(body);
    match &read {
        Ok(Trigger::Subjects(subjects)) => {
            assert!((1..=SUBJECT_LIMIT).contains(&subjects.len()), "{} subjects", subjects.len());
            subjects.iter().for_each(check_subject);
        }
        Ok(Trigger::Ignored(why)) => check_text(why.code()),
        Err(reason) => check_text(&reason.to_string()),
    }
    // White space around it is no matter.
    assert_eq!(event::parse_body(&format!(" {body}\n")).is_ok(), read.is_ok());
}

/// What a message names is shown in one line, and has the form of such a name.
fn check_subject(subject: &Subject) {
    check_text(&subject.to_string());
    let again = |account: &AccountId| account.as_str().parse::<AccountId>().as_ref() == Ok(account);
    match subject {
        Subject::Everything => {}
        Subject::Owner(account) => assert!(again(account), "{account}"),
        Subject::Place { account, region }
        | Subject::LoadBalancers { account, region }
        | Subject::CloudMap { account, region } => {
            assert!(again(account) && region.as_str().parse().as_ref() == Ok(region), "{account} {region}");
        }
        Subject::Service(named) | Subject::ServiceReview(named) => {
            assert_eq!(named.service.as_str().parse().as_ref(), Ok(&named.service));
            assert_eq!(named.region.as_str().parse().as_ref(), Ok(&named.region));
            assert!(named.account.as_ref().is_none_or(again), "{named:?}");
        }
        Subject::Endpoint(named) => {
            assert_eq!(named.endpoint.as_str().parse().as_ref(), Ok(&named.endpoint));
            assert_eq!(named.region.as_str().parse().as_ref(), Ok(&named.region));
            assert!(again(&named.account), "{named:?}");
        }
        Subject::Connection(named) => {
            assert_eq!(named.endpoint.as_str().parse().as_ref(), Ok(&named.endpoint));
            assert_eq!(named.service.as_str().parse().as_ref(), Ok(&named.service));
            assert!(again(&named.account), "{named:?}");
        }
        Subject::Creation(named) => {
            assert!(again(&named.account), "{named:?}");
            assert!(named.creation.creator.name.chars().count() <= 256, "{named:?}");
        }
        Subject::Zone(named) => {
            assert_eq!(named.zone.as_str().parse().as_ref(), Ok(&named.zone));
            assert!(named.account.as_ref().is_none_or(again), "{named:?}");
        }
    }
}

/// `drawbridge.yaml`: what is wrong has a place in it; what is accepted keeps within its limits, and comments change nothing.
fn configuration(text: &str) {
    match Configuration::parse(text) {
        Err(faults) => check_faults(text, &faults),
        Ok(read) => {
            assert!(!read.providers.accounts.is_empty() && !read.providers.regions.is_empty());
            assert!(read.membership.remember.as_duration().as_secs() <= 3_600 && read.revocation.most_percent <= 100);
            assert!(!read.looks_after(&Tags::from([("drawbridge:ignore".to_owned(), "true".to_owned())])));
            if !text.starts_with('\u{feff}') {
                assert_eq!(Configuration::parse(&format!("# a comment\n{text}")).as_ref(), Ok(&read));
            }
            let rules = Rules::of(Ok(read), Acceptance::parse(POLICY)).expect("both are sound");
            rules.findings(Timestamp::UNIX_EPOCH).iter().for_each(|finding| check_text(finding));
        }
    }
}

/// `acceptance.cedar`: what is wrong has a place in it; by what is accepted anybody can be judged and told, and comments
/// change nothing.
fn policy(text: &str) {
    match Acceptance::parse(text) {
        Err(faults) => check_faults(text, &faults),
        Ok(read) => {
            assert!(read.count() > 0);
            let again = Acceptance::parse(&format!("// a comment\n{text}")).expect("a comment breaks nothing");
            check_judgements(&read, &again);
            let rules = Rules::of(Configuration::parse(CONFIGURATION), Ok(read)).expect("both are sound");
            rules.findings(Timestamp::UNIX_EPOCH).iter().for_each(|finding| check_text(finding));
        }
    }
}

/// Judges an account that the policies name and one that they don't, at a service with the tags that they speak of and without.
fn check_judgements(read: &Acceptance, again: &Acceptance) {
    let now = Timestamp::UNIX_EPOCH;
    let organization = "o-a1b2c3d4e5".parse().expect("an Organization");
    let stranger = "444444444444".parse().expect("an account");
    let tagged = read.mentions().tags_of_service.iter().cloned().collect();
    for service in [service(Tags::new()), service(tagged)] {
        for owner in read.mentions().accounts.iter().take(2).chain([&stranger]) {
            let question = Question { service: &service, owner, member: None, connection: None, connections: 1, now };
            let verdict = read.judge(&question);
            assert_eq!(verdict, again.judge(&question));
            assert!(!verdict.to_string().is_empty());
            for (changes, turned) in alternatives(read, &question, &organization) {
                assert!(!changes.is_empty() && turned != verdict);
            }
        }
    }
}

fn service(tags: Tags) -> EndpointService {
    let key = ServiceKey {
        account: "222222222222".parse().expect("an account"),
        region: "eu-west-1".parse().expect("a Region"),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().expect("a service"),
    };
    let name = format!("com.amazonaws.vpce.{}.{}", key.region, key.service);
    EndpointService {
        key,
        name,
        acceptance_required: true,
        private_dns_name: None,
        verification: None,
        load_balancers: [].into(),
        availability_zones: [].into(),
        tags,
    }
}

fn check_faults(text: &str, faults: &Faults) {
    assert!(!faults.is_empty(), "refused, and nothing is wrong");
    // YAML takes a carriage return for the end of a line, Cedar doesn't.
    let lines = text.split(['\n', '\r']).count();
    let longest = text.split('\n').map(|line| line.chars().count()).max().unwrap_or_default();
    for fault in faults.iter() {
        assert!((1..=lines + 1).contains(&fault.line), "line {} of {lines}", fault.line);
        assert!((1..=longest + 2).contains(&fault.column), "column {} of {longest}", fault.column);
        check_text(&fault.message);
    }
    let report = faults.to_string();
    assert!(report.chars().count() <= REPORT_LIMIT, "a report of {} characters", report.chars().count());
}

/// A text for people: not empty, bounded, in one line, and nothing in it that a terminal would obey.
fn check_text(text: &str) {
    let length = text.chars().count();
    assert!((1..=TEXT_LIMIT).contains(&length), "{length} characters");
    assert!(!text.contains(char::is_control), "{text:?}");
}
