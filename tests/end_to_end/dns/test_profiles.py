"""Names come to VPCs by a Route 53 Profile; what answers there already is foretold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from deployment.profiles import Profile, make_profile
from emulator.clients import REGION
from emulator.organization_sample import HUB, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..function_calls import writing
from .names import NAMES, addresses_of, await_decision, calls_of, delete_endpoint, describe, tag_vpc

WRITTEN = ("ec2", "route53", "route53profiles")
QUEUES = f"com.amazonaws.{REGION}.sqs"
QUEUES_NAME = f"sqs.{REGION}.amazonaws.com"


def by_profile(profile: Profile, **private_names: Any) -> dict[str, Any]:
    """The configuration by which the Profile brings names to the VPCs with the tag dns=yes."""
    names = NAMES["names"] | {"profiles": [profile.arn]}
    return {"names": names, "private-names": {"select": "tagged", **private_names}}


@pytest.fixture(scope="module")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge of its own that may write Profiles; the tests say which."""
    consumers = f"{HUB},{WORKLOADS_MEMBER},{SANDBOX_MEMBER}"
    with local_aws() as aws:
        yield deploy(
            aws,
            ConsumerAccounts=consumers,
            PrivateNames="tagged",
            DnsAccounts=HUB,
            WriteZones="yes",
            WriteProfiles="yes",
        )


@pytest.fixture(scope="module")
def domains(drawbridge: Drawbridge) -> Domains:
    """Route 53 of the hub account."""
    return Domains(drawbridge.aws)


@pytest.fixture(scope="module")
def service(drawbridge: Drawbridge) -> EndpointService:
    """A service that central endpoints lead to."""
    return drawbridge.offer_service(notified=["Connect"])


@pytest.fixture(scope="module")
def shared_profile(drawbridge: Drawbridge) -> Profile:
    """A Profile of the hub account that both members may use."""
    profile = make_profile(drawbridge.aws)
    profile.share(WORKLOADS_MEMBER, SANDBOX_MEMBER)
    return profile


@pytest.fixture
def profile(drawbridge: Drawbridge, shared_profile: Profile) -> Profile:
    """The same, by which names come to VPCs."""
    drawbridge.reconfigure(dns=by_profile(shared_profile))
    return shared_profile


@pytest.fixture
def profile_with_endpoints(drawbridge: Drawbridge, shared_profile: Profile) -> Profile:
    """The same, by which private names of endpoints come to VPCs, too."""
    drawbridge.reconfigure(dns=by_profile(shared_profile, **{"in-profiles": True}))
    return shared_profile


@pytest.fixture
def unshared_profile(drawbridge: Drawbridge) -> Profile:
    """A Profile that is to bring names to VPCs, and that nobody else may use."""
    profile = make_profile(drawbridge.aws)
    drawbridge.reconfigure(dns=by_profile(profile))
    return profile


@pytest.fixture
def no_profile(drawbridge: Drawbridge) -> None:
    """Zones are associated with VPCs."""
    drawbridge.reconfigure(dns=NAMES)


# To be named after what says how names come to VPCs: a VPC is looked after once it is selected.
@pytest.fixture
def selected_vpc(drawbridge: Drawbridge) -> Iterator[str]:
    """The VPC of a member in which names answer; at the end of the test not any more."""
    yield tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=True)
    tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=False)
    drawbridge.settle()


def vpc_of(drawbridge: Drawbridge, account: str) -> str:
    """The VPC of an account."""
    return drawbridge.sample.networks[account].vpc_id


def await_answer(drawbridge: Drawbridge, domains: Domains, endpoint: str, name: str, account: str) -> dict[str, Any]:
    """Wait until a name leads to the central endpoint in the VPC of an account; how it is answered."""
    vpc, expected = vpc_of(drawbridge, account), addresses_of(drawbridge, HUB, endpoint)

    def look() -> bool:
        return domains.addresses(name, account, vpc) == expected != []

    drawbridge.later_until(f"{name} answers in {account}", look)
    return domains.resolve(name, account, vpc)


def end(drawbridge: Drawbridge, domains: Domains, endpoint: str, name: str) -> None:
    """Delete a central endpoint, and wait until its zone is gone with it."""
    delete_endpoint(drawbridge, HUB, endpoint)
    drawbridge.later_until(f"the zone of {name} is gone", lambda: not domains.zones(name))


def test_name_comes_to_the_selected_vpc_of_another_account_by_the_profile_and_goes_with_the_endpoint(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, profile: Profile, selected_vpc: str
) -> None:
    name, home = "pay.corp.example", vpc_of(drawbridge, HUB)
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    answer = await_answer(drawbridge, domains, endpoint, name, WORKLOADS_MEMBER)
    (zone,) = domains.zones(name)
    assert (answer["zone"]["id"], answer["zone"]["through"]) == (zone, profile.id)
    assert (domains.associated(zone), domains.authorized(zone)) == ({home}, set())
    assert (profile.contents(), profile.vpcs()) == ({zone}, {selected_vpc})
    sandbox = vpc_of(drawbridge, SANDBOX_MEMBER)
    assert domains.resolve(name, SANDBOX_MEMBER, sandbox)["status"] == "NOT_HERE"
    assert domains.resolve(name, HUB, home)["zone"]["through"] == "vpc"

    end(drawbridge, domains, endpoint, name)
    assert profile.contents() == set()
    assert domains.resolve(name, WORKLOADS_MEMBER, selected_vpc)["status"] == "NOT_HERE"
    assert profile.vpcs() == {selected_vpc}


def test_vpc_that_is_not_selected_any_more_loses_the_profile_and_others_keep_it(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, profile: Profile
) -> None:
    name, home = "late.corp.example", vpc_of(drawbridge, HUB)
    theirs = domains.make_zone("people.corp.example", home)
    profile.put(f"arn:aws:route53:::hostedzone/{theirs}", "of people")
    profile.give_to(HUB, home, "of people")
    vpc = tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=True)
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    await_answer(drawbridge, domains, endpoint, name, WORKLOADS_MEMBER)
    assert profile.vpcs() == {home, vpc}

    tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=False)
    drawbridge.later_until(f"{vpc} has lost the Profile", lambda: profile.vpcs() == {home})
    assert domains.resolve(name, WORKLOADS_MEMBER, vpc)["status"] == "NOT_HERE"
    (zone,) = domains.zones(name)
    assert profile.contents() == {zone, theirs}

    end(drawbridge, domains, endpoint, name)
    drawbridge.sweep()
    drawbridge.settle()
    assert (profile.contents(), profile.vpcs()) == ({theirs}, {home})
    profile.take_out(f"arn:aws:route53:::hostedzone/{theirs}")
    profile.take_from(HUB, home)


def test_profile_that_is_not_shared_is_told_with_what_to_do_and_used_when_it_is_done(
    drawbridge: Drawbridge,
    domains: Domains,
    service: EndpointService,
    since: int,
    unshared_profile: Profile,
    selected_vpc: str,
) -> None:
    name, profile = "unshared.corp.example", unshared_profile
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    drawbridge.sweep()
    line = await_decision(drawbridge, since, profile_id=profile.id, decision="hold", reason="NOT_SHARED")
    (remedy,) = line["would_change"]
    assert profile.arn in remedy and WORKLOADS_MEMBER in remedy and "RAM" in remedy
    drawbridge.settle()
    assert profile.vpcs() == set()
    assert domains.resolve(name, WORKLOADS_MEMBER, selected_vpc)["status"] == "NOT_HERE"

    profile.share(WORKLOADS_MEMBER)
    drawbridge.sweep_until(lambda: profile.vpcs() == {selected_vpc})
    answer = await_answer(drawbridge, domains, endpoint, name, WORKLOADS_MEMBER)
    assert answer["zone"]["through"] == profile.id
    end(drawbridge, domains, endpoint, name)
    tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=False)
    drawbridge.later_until("the VPC has lost it", lambda: profile.vpcs() == set())


def test_private_name_of_an_aws_service_comes_to_other_accounts_by_the_profile(
    drawbridge: Drawbridge, domains: Domains, profile_with_endpoints: Profile, selected_vpc: str
) -> None:
    profile = profile_with_endpoints
    network = drawbridge.sample.networks[HUB]
    made = drawbridge.aws.client("ec2", HUB).create_vpc_endpoint(
        VpcId=network.vpc_id,
        ServiceName=QUEUES,
        VpcEndpointType="Interface",
        SubnetIds=network.subnet_ids,
        PrivateDnsEnabled=False,
        TagSpecifications=[
            {"ResourceType": "vpc-endpoint", "Tags": [{"Key": "drawbridge:private-dns", "Value": "true"}]}
        ],
    )
    endpoint = made["VpcEndpoint"]["VpcEndpointId"]
    drawbridge.sweep_until(lambda: profile.contents() == {endpoint})
    answer = await_answer(drawbridge, domains, endpoint, QUEUES_NAME, WORKLOADS_MEMBER)
    assert (answer["zone"]["endpoint"], answer["zone"]["through"]) == (endpoint, profile.id)
    assert describe(drawbridge, HUB, endpoint)["PrivateDnsEnabled"]
    delete_endpoint(drawbridge, HUB, endpoint)
    drawbridge.later_until("it is out of the Profile", lambda: profile.contents() == set())


def test_sweep_of_a_world_in_step_by_profiles_writes_nothing(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, profile: Profile, selected_vpc: str
) -> None:
    name = "steady.corp.example"
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    await_answer(drawbridge, domains, endpoint, name, WORKLOADS_MEMBER)
    drawbridge.settle()
    drawbridge.forget_messages()
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    calls = calls_of(drawbridge, after)
    assert [call["operation"] for call in writing(calls) if call["service"] in WRITTEN] == []
    assert [call["error"] for call in calls if call["error"]] == []
    assert {call["operation"] for call in calls if call["service"] == "route53profiles"} >= {
        "GetProfile",
        "ListProfileAssociations",
        "ListProfileResourceAssociations",
    }
    end(drawbridge, domains, endpoint, name)


@pytest.mark.usefixtures("no_profile")
def test_vpc_with_a_forwarding_rule_of_the_name_is_told_and_left_alone(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, since: int, selected_vpc: str
) -> None:
    name, home = "ruled.corp.example", vpc_of(drawbridge, HUB)
    sandbox = vpc_of(drawbridge, SANDBOX_MEMBER)
    rule = forward(drawbridge, SANDBOX_MEMBER, name)
    tag_vpc(drawbridge, SANDBOX_MEMBER, selected=True)
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    line = await_decision(
        drawbridge, since, dns_name=name, vpc_id=sandbox, decision="hold", reason="CONFLICT", vpc_owner=SANDBOX_MEMBER
    )
    assert any(rule in change for change in line["would_change"])
    answer = await_answer(drawbridge, domains, endpoint, name, WORKLOADS_MEMBER)
    assert answer["zone"]["through"] == "vpc"
    drawbridge.settle()
    (zone,) = domains.zones(name)
    assert (domains.associated(zone), domains.authorized(zone)) == ({home, selected_vpc}, set())
    assert domains.resolve(name, SANDBOX_MEMBER, sandbox)["status"] == "FORWARDED"

    api = drawbridge.aws.client("route53resolver", SANDBOX_MEMBER)
    api.disassociate_resolver_rule(ResolverRuleId=rule, VPCId=sandbox)
    drawbridge.sweep_until(lambda: domains.associated(zone) == {home, selected_vpc, sandbox})
    tag_vpc(drawbridge, SANDBOX_MEMBER, selected=False)
    end(drawbridge, domains, endpoint, name)


def forward(drawbridge: Drawbridge, account: str, domain: str) -> str:
    """Let the VPC of an account ask elsewhere for a domain, by a rule that the hub account shares; the rule's id."""
    rule = drawbridge.aws.client("route53resolver", HUB).create_resolver_rule(
        CreatorRequestId=domain,
        Name="elsewhere",
        RuleType="FORWARD",
        DomainName=domain,
        TargetIps=[{"Ip": "10.0.0.53", "Port": 53}],
    )["ResolverRule"]
    ram = drawbridge.aws.client("ram", HUB)
    ram.create_resource_share(name="elsewhere", resourceArns=[rule["Arn"]], principals=[account])
    api = drawbridge.aws.client("route53resolver", account)
    api.associate_resolver_rule(ResolverRuleId=rule["Id"], VPCId=vpc_of(drawbridge, account), Name="elsewhere")
    return rule["Id"]
