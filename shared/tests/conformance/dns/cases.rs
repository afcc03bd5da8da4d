//! Calls about names, zones and endpoints, and the answer that each has to get.
//!
//! Sources: Route 53 API reference and developer guide (formats, quotas, errors, sort order), EC2 API reference, `PrivateLink`
//! guide (manage DNS names).

use super::{
    super::{
        answer::Call::{self, Accept},
        ground::Doing::{
            Deletes, LetsTimePass, MakesPublicZone, NamesTheService, ProvesTheName, Requests, SwitchesHostNamesOff,
        },
        table::Row,
    },
    Dns::{
        self, Associate, Associated, Authorize, Authorized, Change, CreateZone, DeleteZone, Disassociate,
        EnablePrivateName, Endpoint, Endpoints, InSync, Offer, OfferOfNothing, Records, ReplaceComment, Resolves,
        StartVerification, Verification, Vpcs, Withdraw, Zones, ZonesNamed, ZonesOfVpc,
    },
    Edit::{Create, Delete, Upsert},
    Part::{All, At, Within},
};

const HUB: &str = "hub";
const CONSUMER: &str = "consumer";

const fn dns(call: Dns, answer: &'static str) -> Row {
    (Call::Dns(call), answer)
}

pub const CASES: &[(&str, &[Row])] = &[
    (
        "zone is made with its own two records, is found by its exact name, and is deleted when it holds no others",
        &[
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(CreateZone("below", "v2.api", "hub"), "ok"),
            dns(Zones, "api private 2 \"of the test\", v2.api private 2 \"of the test\""),
            dns(ZonesNamed("api"), "api private 2 \"of the test\""),
            dns(ZonesNamed("pi"), ""),
            dns(Change("zone", &[Create(("api", "TXT", 300, &["ours"]))]), "ok"),
            dns(ZonesNamed("api"), "api private 3 \"of the test\""),
            dns(DeleteZone("zone"), "refused HostedZoneNotEmpty"),
            dns(Change("zone", &[Delete(("api", "TXT", 300, &["ours"]))]), "ok"),
            dns(DeleteZone("zone"), "ok"),
            dns(DeleteZone("zone"), "gone NoSuchHostedZone"),
            dns(Zones, "v2.api private 2 \"of the test\""),
        ],
    ),
    (
        "comment of a zone is replaced by another",
        &[
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(ReplaceComment("zone", "heritage=drawbridge,drawbridge/owner=hub"), "ok"),
            dns(ZonesNamed("api"), "api private 2 \"heritage=drawbridge,drawbridge/owner=hub\""),
            dns(ReplaceComment("zone", ""), "ok"),
            dns(Zones, "api private 2 \"\""),
            dns(ReplaceComment("missing", "of the test"), "gone NoSuchHostedZone"),
        ],
    ),
    (
        "records are listed in the order of their labels from behind, and a stretch of them alone",
        &[
            (Call::Do(MakesPublicZone("zone", "@")), "done"),
            dns(
                Change(
                    "zone",
                    &[
                        Create(("b", "A", 60, &["192.0.2.2"])),
                        Create(("x.a", "A", 60, &["192.0.2.1"])),
                        Create(("a", "A", 60, &["192.0.2.2", "192.0.2.1"])),
                        Create(("a", "TXT", 300, &["two \"words\""])),
                        Create(("a-b", "A", 60, &["192.0.2.1"])),
                        Create(("*.a", "ALIAS", 0, &["a"])),
                    ],
                ),
                "ok",
            ),
            dns(
                Records("zone", All),
                "a-b A 60 192.0.2.1, a A 60 192.0.2.1 192.0.2.2, a TXT 300 \"two \\\"words\\\"\", *.a A as a, \
                 x.a A 60 192.0.2.1, b A 60 192.0.2.2",
            ),
            dns(
                Records("zone", Within("a")),
                "a A 60 192.0.2.1 192.0.2.2, a TXT 300 \"two \\\"words\\\"\", *.a A as a, x.a A 60 192.0.2.1",
            ),
            dns(Records("zone", At("a")), "a A 60 192.0.2.1 192.0.2.2, a TXT 300 \"two \\\"words\\\"\""),
            dns(Records("zone", At("*.a")), "*.a A as a"),
            dns(Records("zone", At("nothing")), ""),
            dns(Records("zone", Within("zzz")), ""),
            dns(Records("missing", All), "gone NoSuchHostedZone"),
        ],
    ),
    (
        "batch is carried out as a whole or not at all",
        &[
            (Call::Do(MakesPublicZone("zone", "@")), "done"),
            dns(Change("zone", &[Create(("a", "A", 60, &["192.0.2.1"]))]), "ok"),
            dns(
                Change("zone", &[Create(("b", "A", 60, &["192.0.2.1"])), Create(("a", "A", 60, &["192.0.2.2"]))]),
                INVALID,
            ),
            dns(
                Change("zone", &[Create(("b", "A", 60, &["192.0.2.1"])), Delete(("a", "A", 61, &["192.0.2.1"]))]),
                INVALID,
            ),
            dns(
                Change("zone", &[Create(("b", "A", 60, &["192.0.2.1"])), Delete(("a", "A", 60, &["192.0.2.2"]))]),
                INVALID,
            ),
            dns(
                Change("zone", &[Create(("b", "A", 60, &["192.0.2.1"])), Delete(("c", "A", 60, &["192.0.2.1"]))]),
                INVALID,
            ),
            dns(
                Change(
                    "zone",
                    &[Create(("b", "A", 60, &["192.0.2.1"])), Create(("b.example.org.", "A", 60, &["192.0.2.1"]))],
                ),
                INVALID,
            ),
            dns(
                Change(
                    "zone",
                    &[Create(("b", "A", 60, &["192.0.2.1"])), Create(("a", "CNAME", 60, &["b.example.org"]))],
                ),
                INVALID,
            ),
            dns(
                Change("zone", &[Create(("b", "A", 60, &["192.0.2.1"])), Create(("c", "A", 60, &["not an address"]))]),
                INVALID,
            ),
            dns(Records("zone", All), "a A 60 192.0.2.1"),
            dns(
                Change("zone", &[Upsert(("a", "A", 90, &["192.0.2.9"])), Upsert(("b", "A", 60, &["192.0.2.1"]))]),
                "ok",
            ),
            dns(
                Change(
                    "zone",
                    &[Delete(("a", "A", 90, &["192.0.2.9"])), Create(("a", "CNAME", 60, &["b.example.org"]))],
                ),
                "ok",
            ),
            dns(Records("zone", All), "a CNAME 60 b.example.org, b A 60 192.0.2.1"),
            dns(Change("missing", &[Create(("a", "A", 60, &["192.0.2.1"]))]), "gone NoSuchHostedZone"),
        ],
    ),
    (
        "change reaches all name servers after a while",
        &[
            (Call::Do(MakesPublicZone("zone", "@")), "done"),
            dns(InSync, "gone NoSuchChange"),
            dns(Change("zone", &[Create(("a", "A", 60, &["192.0.2.1"]))]), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(InSync, "true"),
        ],
    ),
    (
        "VPC of another account is associated when it may be, and stays so when it may not any more",
        &[
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(Associate("zone", CONSUMER, "consumer"), "denied NotAuthorizedException"),
            dns(Authorize("zone", "consumer"), "ok"),
            dns(Authorize("zone", "consumer"), "ok"),
            dns(Authorized("zone"), "consumer"),
            dns(Associate("zone", CONSUMER, "consumer"), "ok"),
            dns(Associate("zone", CONSUMER, "consumer"), "ok"),
            dns(Withdraw("zone", "consumer"), "ok"),
            dns(Withdraw("zone", "consumer"), "ok"),
            dns(Authorized("zone"), ""),
            dns(Associated("zone"), "consumer, hub"),
            dns(ZonesOfVpc(CONSUMER, "consumer"), "api 222222222222"),
            dns(Disassociate("zone", CONSUMER, "consumer"), "ok"),
            dns(Disassociate("zone", CONSUMER, "consumer"), "ok"),
            dns(Associated("zone"), "hub"),
            dns(ZonesOfVpc(CONSUMER, "consumer"), ""),
        ],
    ),
    (
        "VPC of the zone's own account needs no leave, and the last one stays",
        &[
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(Associate("zone", HUB, "second"), "ok"),
            dns(Associated("zone"), "hub, second"),
            dns(Disassociate("zone", HUB, "hub"), "ok"),
            dns(Disassociate("zone", HUB, "second"), "refused LastVPCAssociation"),
            dns(Associated("zone"), "second"),
        ],
    ),
    (
        "VPC has one zone of a name, and others above and below it",
        &[
            dns(CreateZone("one", "api", "hub"), "ok"),
            dns(CreateZone("two", "api", "hub"), "refused ConflictingDomainExists"),
            dns(CreateZone("two", "api", "second"), "ok"),
            dns(Associate("two", HUB, "hub"), "refused ConflictingDomainExists"),
            dns(CreateZone("above", "@", "hub"), "ok"),
            dns(CreateZone("below", "v2.api", "hub"), "ok"),
            dns(ZonesOfVpc(HUB, "hub"), "@ 222222222222, api 222222222222, v2.api 222222222222"),
        ],
    ),
    (
        "zone that is not there, or is public, has no VPCs",
        &[
            (Call::Do(MakesPublicZone("public", "@")), "done"),
            dns(Associated("public"), ""),
            dns(Associate("public", HUB, "hub"), "refused PublicZoneVPCAssociation"),
            dns(Authorize("public", "consumer"), "refused InvalidInput"),
            dns(Associated("missing"), "gone NoSuchHostedZone"),
            dns(Authorized("missing"), "gone NoSuchHostedZone"),
            dns(Authorize("missing", "consumer"), "gone NoSuchHostedZone"),
            dns(Withdraw("missing", "consumer"), "gone NoSuchHostedZone"),
            dns(Associate("missing", HUB, "hub"), "gone NoSuchHostedZone"),
            dns(Disassociate("missing", HUB, "hub"), "gone NoSuchHostedZone"),
            dns(CreateZone("zone", "api", "missing"), "refused InvalidVPCId"),
            dns(CreateZone("zone", "api", "consumer"), "refused InvalidVPCId"),
            dns(ZonesOfVpc(HUB, "consumer"), "denied AccessDenied"),
        ],
    ),
    (
        "VPCs are those of the account, and tell whether private names answer in them",
        &[
            dns(Vpcs(HUB), "hub, second"),
            dns(Vpcs(CONSUMER), "consumer"),
            dns(Resolves(CONSUMER, "consumer"), "true"),
            (Call::Do(SwitchesHostNamesOff), "done"),
            dns(Resolves(CONSUMER, "consumer"), "false"),
            dns(Resolves(CONSUMER, "missing"), "none"),
        ],
    ),
    (
        "name is verified when the public DNS answers with the record, and has failed when it doesn't",
        &[
            dns(Verification, "none"),
            dns(StartVerification("service"), "refused InvalidParameter"),
            (Call::Do(NamesTheService("api")), "done"),
            dns(Verification, "pendingVerification"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(Verification, "failed"),
            (Call::Do(MakesPublicZone("public", "@")), "done"),
            (Call::Do(ProvesTheName("public")), "done"),
            (Call::Do(LetsTimePass), "done"),
            dns(Verification, "failed"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(Verification, "verified"),
            dns(StartVerification("missing"), "gone InvalidVpcEndpointServiceId.NotFound"),
        ],
    ),
    (
        "zone that is more specific hides the record of one above it",
        &[
            (Call::Do(NamesTheService("api")), "done"),
            (Call::Do(MakesPublicZone("public", "@")), "done"),
            (Call::Do(MakesPublicZone("narrow", "api")), "done"),
            (Call::Do(ProvesTheName("public")), "done"),
            (Call::Do(LetsTimePass), "done"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(Verification, "failed"),
            (Call::Do(ProvesTheName("narrow")), "done"),
            (Call::Do(LetsTimePass), "done"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(Verification, "verified"),
        ],
    ),
    (
        "private name is switched on once the endpoint is connected and the name verified",
        &[
            dns(Offer(CONSUMER), "[] unverified"),
            (Call::Do(NamesTheService("api")), "done"),
            dns(Offer(CONSUMER), "[api] unverified"),
            (Call::Do(Requests("a")), "done"),
            dns(Endpoint("a"), "pendingAcceptance"),
            dns(EnablePrivateName("a"), "refused InvalidParameter"),
            (Accept("service", &["a"]), "a ok"),
            dns(EnablePrivateName("a"), "refused InvalidParameter"),
            (Call::Do(MakesPublicZone("public", "@")), "done"),
            (Call::Do(ProvesTheName("public")), "done"),
            (Call::Do(LetsTimePass), "done"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            dns(Offer(CONSUMER), "[api] verified"),
            dns(OfferOfNothing, "none"),
            dns(EnablePrivateName("a"), "ok"),
            dns(EnablePrivateName("a"), "ok"),
            dns(Endpoint("a"), "established private api"),
            dns(Endpoints(CONSUMER), "a established private api"),
            dns(ZonesOfVpc(CONSUMER, "consumer"), "api vpce.amazonaws.com"),
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(Authorize("zone", "consumer"), "ok"),
            dns(Associate("zone", CONSUMER, "consumer"), "refused ConflictingDomainExists"),
            (Call::Do(Deletes("a")), "done"),
            dns(Endpoint("a"), "none"),
            dns(EnablePrivateName("a"), "gone InvalidVpcEndpointId.NotFound"),
            dns(ZonesOfVpc(CONSUMER, "consumer"), ""),
            dns(Associate("zone", CONSUMER, "consumer"), "ok"),
        ],
    ),
    (
        "private name is not switched on against a zone of the name, nor where private names don't answer",
        &[
            (Call::Do(NamesTheService("api")), "done"),
            (Call::Do(MakesPublicZone("public", "@")), "done"),
            (Call::Do(ProvesTheName("public")), "done"),
            (Call::Do(LetsTimePass), "done"),
            dns(StartVerification("service"), "ok"),
            (Call::Do(LetsTimePass), "done"),
            (Call::Do(Requests("a")), "done"),
            (Accept("service", &["a"]), "a ok"),
            dns(CreateZone("zone", "api", "hub"), "ok"),
            dns(Authorize("zone", "consumer"), "ok"),
            dns(Associate("zone", CONSUMER, "consumer"), "ok"),
            dns(EnablePrivateName("a"), "refused InvalidParameter"),
            dns(Disassociate("zone", HUB, "consumer"), "ok"),
            (Call::Do(SwitchesHostNamesOff), "done"),
            dns(EnablePrivateName("a"), "refused InvalidParameter"),
            dns(Endpoint("a"), "established"),
        ],
    ),
];

const INVALID: &str = "refused InvalidChangeBatch";
