//! Calls about Profiles and forwarding rules, and their answers in words: the same words wherever they come from.

use drawbridge::{
    model::{ForwardingRule, ProfileAttachment, ProfileContent, ProfileKey, Stage, partition},
    port::Resolvers,
    reconcile::Permit,
};

use super::{
    answer::Call,
    dns::{
        Dns::{Associate, Authorize, CreateZone},
        failure, id, result, short, sorted,
    },
    ground::{
        Doing::{ForwardsElsewhere, MakesProfile, SharesProfile},
        Ground, HUB,
    },
    table::Row,
};

/// A call. Accounts are named `hub` and `consumer`; zones are the hub's, by the names that they were made under.
#[derive(Debug, Clone, Copy)]
pub enum Resolver {
    /// Whether the hub's Profile is shared.
    Shared,
    /// What is in it, as an account sees it.
    Contents(&'static str),
    Include(&'static str),
    Exclude(&'static str),
    Attach(&'static str, &'static str),
    Detach(&'static str, &'static str),
    /// The VPCs of an account that have Profiles.
    Attachments(&'static str),
    Forwarding(&'static str),
}

use Resolver::{Attach, Attachments, Contents, Detach, Exclude, Forwarding, Include, Shared};

/// What the call is answered with.
pub async fn of<G: Ground>(ground: &G, call: Resolver) -> String {
    let permit = &Permit::for_tests();
    let key = ground.profile();
    let hub = ground.hosted_zones(HUB);
    let arn = |zone: &str| ground.made().zone(zone).arn_in(partition(key.region.as_str()));
    match call {
        Shared => match hub.is_profile_shared(&key).await {
            Ok(shared) => shared.map_or("none".to_owned(), |shared| shared.to_string()),
            Err(error) => failure(&error),
        },
        Contents(account) => {
            let ProfileKey { region, profile, .. } = &key;
            let account = id(account);
            let (zones, account) = (ground.hosted_zones(account), account.parse().unwrap());
            sorted(zones.profile_contents(&account, region, profile).await, |content: ProfileContent| {
                let zone = ground.made().label(&content.zone()?)?;
                Some(format!("{zone} {} {}", content.name, word(content.stage)))
            })
        }
        Include(zone) => result(&hub.include(&key, &arn(zone), "ours", permit).await),
        Exclude(zone) => result(&hub.exclude(&key, &arn(zone), permit).await),
        Attach(account, vpc) => {
            let (account, vpc) = (id(account), ground.vpc(vpc));
            let zones = ground.hosted_zones(account);
            result(&zones.attach(&key, &account.parse().unwrap(), &vpc, "ours", permit).await)
        }
        Detach(account, vpc) => {
            let (account, vpc) = (id(account), ground.vpc(vpc));
            let zones = ground.hosted_zones(account);
            result(&zones.detach(&key, &account.parse().unwrap(), &vpc, permit).await)
        }
        Attachments(account) => {
            let account = id(account);
            let listed = ground.hosted_zones(account).list_attachments(&account.parse().unwrap(), &key.region).await;
            sorted(listed, |found: ProfileAttachment| {
                let profile = if found.profile == key.profile { "ours" } else { "another" };
                Some(format!("{} {profile} {} {}", ground.vpc_name(&found.vpc)?, found.name, word(found.stage)))
            })
        }
        Forwarding(account) => {
            let account = id(account);
            let listed = ground.hosted_zones(account).list_forwarding(&account.parse().unwrap(), &key.region).await;
            sorted(listed, |rule: ForwardingRule| {
                Some(format!("{} {}", ground.vpc_name(&rule.vpc)?, short(ground, &rule.domain)?))
            })
        }
    }
}

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Stands => "stands",
        Stage::Comes => "comes",
        Stage::Goes => "goes",
        Stage::Failed => "failed",
    }
}

const fn call(call: Resolver, answer: &'static str) -> Row {
    (Call::Resolver(call), answer)
}

/// Calls about Profiles and forwarding rules, and the answer that each has to get.
///
/// Sources: Route 53 Profiles and Route 53 Resolver API references; Route 53 developer guide, Profiles.
pub const CASES: &[(&str, &[Row])] = &[
    (
        "Profile brings a zone to VPCs, and each is taken away again, twice without harm",
        &[
            (Call::Do(MakesProfile), "done"),
            (Call::Dns(CreateZone("zone", "api", "hub")), "ok"),
            call(Shared, "false"),
            call(Contents("hub"), ""),
            call(Include("zone"), "ok"),
            call(Include("zone"), "ok"),
            call(Contents("hub"), "zone ours stands"),
            call(Attach("hub", "second"), "ok"),
            call(Attach("hub", "second"), "ok"),
            call(Attachments("hub"), "second ours ours stands"),
            call(Detach("hub", "second"), "ok"),
            call(Detach("hub", "second"), "ok"),
            call(Attachments("hub"), ""),
            call(Exclude("zone"), "ok"),
            call(Exclude("zone"), "ok"),
            call(Contents("hub"), ""),
        ],
    ),
    (
        "Profile is there for those that it is shared with",
        &[
            call(Shared, "none"),
            (Call::Do(MakesProfile), "done"),
            call(Contents("consumer"), "gone ResourceNotFoundException"),
            call(Attach("consumer", "consumer"), "gone ResourceNotFoundException"),
            (Call::Do(SharesProfile), "done"),
            call(Shared, "true"),
            call(Contents("consumer"), ""),
            call(Attach("consumer", "consumer"), "ok"),
            call(Attachments("consumer"), "consumer ours ours stands"),
            call(Attachments("hub"), ""),
            call(Detach("consumer", "consumer"), "ok"),
            call(Attachments("consumer"), ""),
        ],
    ),
    (
        "Profile takes no two zones of one name",
        &[
            (Call::Do(MakesProfile), "done"),
            (Call::Dns(CreateZone("zone", "api", "hub")), "ok"),
            (Call::Dns(CreateZone("other", "api", "second")), "ok"),
            call(Include("zone"), "ok"),
            call(Include("other"), "refused ConflictException"),
            call(Contents("hub"), "zone ours stands"),
        ],
    ),
    (
        "forwarding rule is told where it applies",
        &[
            call(Forwarding("consumer"), ""),
            (Call::Do(ForwardsElsewhere("api")), "done"),
            call(Forwarding("consumer"), "consumer api"),
            call(Forwarding("hub"), ""),
            (Call::Dns(CreateZone("zone", "api", "hub")), "ok"),
            // It is no conflict to Route 53: the rule wins.
            (Call::Dns(Authorize("zone", "consumer")), "ok"),
            (Call::Dns(Associate("zone", "consumer", "consumer")), "ok"),
        ],
    ),
];
