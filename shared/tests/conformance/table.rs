//! Calls, and the answer that each has to get. Names stand for what was made under them; `missing` was never made.
//!
//! Sources: EC2 API reference (errors, `AcceptVpcEndpointConnections`, `CreateTags`), `PrivateLink` guide (states, permissions),
//! AWS Organizations API reference, `EventBridge` API reference (`PutEvents`).

use drawbridge::model::Scope::{Everything, Requests};

use super::{
    answer::Call::{
        self, Accept, Allow, ConnectedBy, ConnectedThrough, Describe, Disallow, List, ListServices, Member, Members,
        Principals, Publish, Reject, RequireAcceptance, Tag, TagsOfAccount,
    },
    ground::Doing::{Deletes, OpensTo, Requests as Asks, SwitchesAcceptanceOff, Tags},
};

const HERE: &str = "service";
const MISSING: &str = "missing";

pub type Row = (Call, &'static str);

pub const CASES: &[(&str, &[Row])] = &[
    (
        "service is found by its id, and one that is not there is none",
        &[
            (Describe(HERE), "acceptance required"),
            (Describe(MISSING), "none"),
            (ListServices("eu-west-1"), "service"),
            (ListServices("us-east-1"), ""),
        ],
    ),
    (
        "request waits, is accepted once, and is no request any more",
        &[
            (Call::Do(Asks("a")), "done"),
            (List(HERE, Requests), "a pendingAcceptance"),
            (Accept(HERE, &["a"]), "a ok"),
            (Accept(HERE, &["a"]), "a overtaken"),
            (List(HERE, Requests), ""),
            (List(HERE, Everything), "a established"),
        ],
    ),
    (
        "each item of a batch has its answer",
        &[
            (Call::Do(Asks("a")), "done"),
            (Call::Do(Asks("b")), "done"),
            (Reject(HERE, &["b"]), "b ok"),
            (Accept(HERE, &["a", "b", "missing"]), "a ok, b overtaken, missing gone"),
            (Reject(HERE, &["a", "b", "missing"]), "a ok, b overtaken, missing gone"),
            (List(HERE, Everything), "a rejected, b rejected"),
        ],
    ),
    (
        "established connection is cut off, and stays as a rejected one until its endpoint is deleted",
        &[
            (Call::Do(Asks("a")), "done"),
            (Accept(HERE, &["a"]), "a ok"),
            (Reject(HERE, &["a"]), "a ok"),
            (Reject(HERE, &["a"]), "a overtaken"),
            (List(HERE, Everything), "a rejected"),
            (List(HERE, Requests), ""),
            (Call::Do(Deletes("a")), "done"),
            (List(HERE, Everything), ""),
            (Reject(HERE, &["a"]), "a gone"),
            (Accept(HERE, &["a"]), "a gone"),
        ],
    ),
    (
        "service that is not there has nothing, and takes nothing",
        &[
            (Call::Do(Asks("a")), "done"),
            (List(MISSING, Everything), ""),
            (Accept(MISSING, &["a"]), "a gone"),
            (Reject(MISSING, &["a"]), "a gone"),
            (Principals(MISSING), "gone"),
            (Allow(MISSING, &["444444444444"]), "444444444444 gone"),
            (Disallow(MISSING, &["444444444444"]), "444444444444 gone"),
            (RequireAcceptance(MISSING), "gone"),
            (List(HERE, Requests), "a pendingAcceptance"),
        ],
    ),
    (
        "tags are added and replaced, and others stay",
        &[
            (Call::Do(Asks("a")), "done"),
            (Call::Do(Tags("a", "team", "orders")), "done"),
            (Tag(HERE, &["a"], "drawbridge:decision", "hold"), "a ok"),
            (Tag(HERE, &["a"], "drawbridge:decision", "accept"), "a ok"),
            (Tag(HERE, &["a"], "drawbridge:revoke-after", ""), "a ok"),
            (
                List(HERE, Everything),
                "a pendingAcceptance drawbridge:decision=accept drawbridge:revoke-after= team=orders",
            ),
        ],
    ),
    (
        "one bad id of a batch doesn't keep the others from their tags",
        &[
            (Call::Do(Asks("a")), "done"),
            (Call::Do(Asks("b")), "done"),
            (Tag(HERE, &["a", "b", "missing"], "k", "v"), "a ok, b ok, missing gone"),
            (List(HERE, Requests), "a pendingAcceptance k=v, b pendingAcceptance k=v"),
        ],
    ),
    (
        "tags outlive the acceptance and the rejection, and not the endpoint",
        &[
            (Call::Do(Asks("a")), "done"),
            (Tag(HERE, &["a"], "k", "v"), "a ok"),
            (Accept(HERE, &["a"]), "a ok"),
            (List(HERE, Everything), "a established k=v"),
            (Reject(HERE, &["a"]), "a ok"),
            (Tag(HERE, &["a"], "k", "w"), "a ok"),
            (List(HERE, Everything), "a rejected k=w"),
            (Call::Do(Deletes("a")), "done"),
            (Tag(HERE, &["a"], "k", "x"), "a gone"),
        ],
    ),
    (
        "consumer is found by its account and by its endpoint, in whatever state",
        &[
            (Call::Do(Asks("a")), "done"),
            (ConnectedThrough("a"), "service"),
            (ConnectedBy("444444444444"), "service"),
            (Reject(HERE, &["a"]), "a ok"),
            (ConnectedBy("444444444444"), "service"),
            (ConnectedBy("999999999999"), ""),
            (ConnectedThrough("missing"), ""),
            (Call::Do(Deletes("a")), "done"),
            (ConnectedThrough("a"), ""),
        ],
    ),
    (
        "accounts become allowed principals once, and others stay",
        &[
            (Call::Do(OpensTo("arn:aws:iam::333333333333:role/theirs")), "done"),
            (Principals(HERE), "* arn:aws:iam::333333333333:role/theirs"),
            (Allow(HERE, &["555555555555", "444444444444"]), "444444444444 ok, 555555555555 ok"),
            (Allow(HERE, &["444444444444"]), "444444444444 ok"),
            (Principals(HERE), "* 444444444444 555555555555 arn:aws:iam::333333333333:role/theirs"),
            (Disallow(HERE, &["444444444444"]), "444444444444 ok"),
            (Disallow(HERE, &["444444444444"]), "444444444444 ok"),
            (Principals(HERE), "* 555555555555 arn:aws:iam::333333333333:role/theirs"),
        ],
    ),
    (
        "connection outlives the permission that it was asked for with",
        &[
            (Allow(HERE, &["444444444444"]), "444444444444 ok"),
            (Call::Do(Asks("a")), "done"),
            (Disallow(HERE, &["444444444444"]), "444444444444 ok"),
            (List(HERE, Requests), "a pendingAcceptance"),
        ],
    ),
    (
        "acceptance that is off connects at once, and that is switched on for those to come",
        &[
            (Call::Do(SwitchesAcceptanceOff), "done"),
            (Describe(HERE), "open"),
            (Call::Do(Asks("a")), "done"),
            (RequireAcceptance(HERE), "ok"),
            (RequireAcceptance(HERE), "ok"),
            (Describe(HERE), "acceptance required"),
            (Call::Do(Asks("b")), "done"),
            (List(HERE, Everything), "a established, b pendingAcceptance"),
        ],
    ),
    (
        "account is a member with its state, or outside",
        &[
            (Member("444444444444"), "ACTIVE"),
            (Member("666666666666"), "SUSPENDED"),
            (Member("999999999999"), "outside"),
            (Members(&["444444444444", "666666666666", "999999999999"]), "444444444444 ACTIVE, 666666666666 SUSPENDED"),
        ],
    ),
    (
        "tags are told of members and refused of others",
        &[
            (TagsOfAccount("555555555555"), "stage=production"),
            (TagsOfAccount("444444444444"), ""),
            (TagsOfAccount("999999999999"), "refused"),
        ],
    ),
    ("events are published ten at a time", &[(Publish(1), "ok"), (Publish(10), "ok"), (Publish(11), "11 refused")]),
];
