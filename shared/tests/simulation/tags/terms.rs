//! Which tags are kept in step: the part of `drawbridge.yaml` that concerns them.

use std::fmt::Write;

use drawbridge::model::ResourceKind;

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    Text(&'static str),
    AccountName,
    UnitPath,
    AccountTag(&'static str),
    /// Name and id of the account that has the endpoint of a connection.
    Consumer,
    Creator,
    ServiceTag(&'static str),
    EndpointTag(&'static str),
}

/// What becomes of a value that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    Never,
    Own,
    Always,
}

/// The rule of one tag.
#[derive(Debug)]
pub struct Rule {
    pub key: &'static str,
    pub from: Fact,
    pub default: Option<&'static str>,
    /// The kinds that get it; none: all that have the fact.
    pub on: &'static [ResourceKind],
    pub overwrite: Overwrite,
}

/// All rules, and what goes with them.
#[derive(Debug)]
pub struct Terms {
    pub rules: &'static [Rule],
    pub look_up_creators: bool,
    pub checks_policies: bool,
}

/// Accounts whose endpoints are looked after.
pub const CONSUMERS: [&str; 3] = ["222222222222", "444444444444", "555555555555"];
/// The tag that marks what is managed by code.
pub const BY_CODE: (&str, &str) = ("ManagedBy", "terraform");

const ENDPOINTS: &[ResourceKind] = &[ResourceKind::Endpoint, ResourceKind::NetworkInterface];

const fn rule(key: &'static str, from: Fact) -> Rule {
    Rule { key, from, default: None, on: &[], overwrite: Overwrite::Own }
}

const CREATOR: Rule = Rule { default: Some("unknown"), ..rule("creator", Fact::Creator) };
const COST_CENTRE: Rule =
    Rule { default: Some("unallocated"), on: ENDPOINTS, ..rule("cost-centre", Fact::AccountTag("cost-centre")) };
const PLATFORM: Rule = Rule { overwrite: Overwrite::Always, ..rule("platform", Fact::Text("network-team")) };
const NAME: Rule = rule("account-name", Fact::AccountName);
const UNIT: Rule = rule("unit", Fact::UnitPath);

const USUAL: Terms = Terms {
    rules: &[
        CREATOR,
        NAME,
        UNIT,
        COST_CENTRE,
        Rule { on: &[ResourceKind::Connection], ..rule("consumer", Fact::Consumer) },
        PLATFORM,
    ],
    look_up_creators: true,
    checks_policies: true,
};

pub const TERMS: [Terms; 8] = [
    USUAL,
    USUAL,
    Terms { look_up_creators: false, ..USUAL },
    Terms { checks_policies: false, ..USUAL },
    Terms {
        rules: &[
            Rule { overwrite: Overwrite::Never, default: None, ..CREATOR },
            Rule { overwrite: Overwrite::Never, ..NAME },
            Rule { default: Some("none"), overwrite: Overwrite::Always, ..rule("grade", Fact::ServiceTag("tier")) },
            Rule { overwrite: Overwrite::Always, ..COST_CENTRE },
        ],
        ..USUAL
    },
    Terms {
        rules: &[
            Rule { overwrite: Overwrite::Always, ..UNIT },
            rule("of-team", Fact::EndpointTag("team")),
            Rule { overwrite: Overwrite::Never, ..PLATFORM },
            rule("grade", Fact::ServiceTag("tier")),
            Rule { default: None, ..COST_CENTRE },
        ],
        ..USUAL
    },
    Terms { rules: &[Rule { on: &[ResourceKind::Endpoint], ..NAME }], ..USUAL },
    Terms { rules: &[], ..USUAL },
];

impl Fact {
    fn template(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::AccountName => "{account.name}".to_owned(),
            Self::UnitPath => "{account.ou-path}".to_owned(),
            Self::AccountTag(key) => format!("{{account.tag.{key}}}"),
            Self::Consumer => "{consumer.name} ({consumer.id})".to_owned(),
            Self::Creator => "{creator.name}".to_owned(),
            Self::ServiceTag(key) => format!("{{service.tag.{key}}}"),
            Self::EndpointTag(key) => format!("{{endpoint.tag.{key}}}"),
        }
    }

    /// Whether resources of this kind have it. Source: the comments of the configuration's schema.
    fn is_of(self, kind: ResourceKind) -> bool {
        use ResourceKind as Kind;
        let of_services = matches!(
            kind,
            Kind::EndpointService | Kind::Connection | Kind::LoadBalancer | Kind::Listener | Kind::TargetGroup
        );
        let of_endpoints = matches!(kind, Kind::Endpoint | Kind::NetworkInterface);
        match self {
            Self::Text(_) | Self::AccountName | Self::UnitPath | Self::AccountTag(_) => true,
            Self::Consumer => kind == Kind::Connection,
            Self::Creator => of_endpoints || (of_services && kind != Kind::Connection) || kind == Kind::HostedZone,
            Self::ServiceTag(_) => of_services,
            Self::EndpointTag(_) => of_endpoints,
        }
    }
}

impl Rule {
    pub fn is_for(&self, kind: ResourceKind) -> bool {
        self.from.is_of(kind) && (self.on.is_empty() || self.on.contains(&kind))
    }
}

impl Terms {
    pub fn rule(&self, key: &str, kind: ResourceKind) -> Option<&'static Rule> {
        self.rules_for(kind).find(|rule| rule.key == key)
    }

    pub fn rules_for(&self, kind: ResourceKind) -> impl Iterator<Item = &'static Rule> + use<> {
        self.rules.iter().filter(move |rule| rule.is_for(kind))
    }

    /// Its part of the document, with a comma before it.
    pub fn text(&self) -> String {
        let mut text = format!(
            ", consumers: {{accounts: ['{}']}}, tags: {{look-up-creators: {}, tag-policies: {}, \
             infrastructure-as-code: [{{key: {}, value: {}}}], write: {{",
            CONSUMERS.join("', '"),
            self.look_up_creators,
            if self.checks_policies { "check" } else { "ignore" },
            BY_CODE.0,
            BY_CODE.1
        );
        for Rule { key, from, default, on, overwrite } in self.rules {
            let overwrite = format!("{overwrite:?}").to_lowercase();
            let _ = write!(text, "{key}: {{from: '{}', overwrite: {overwrite}", from.template());
            if let Some(default) = default {
                let _ = write!(text, ", default: {default}");
            }
            if !on.is_empty() {
                let kinds: Vec<&str> = on.iter().map(|kind| kind.as_str()).collect();
                let _ = write!(text, ", on: [{}]", kinds.join(", "));
            }
            text.push_str("}, ");
        }
        text + "}}"
    }
}
