"""Parameters: few, explained, safe when left alone; what makes no sense is refused."""

import pytest

from infra.rendering import (
    CONSUMER_ACCOUNT,
    DNS_PARAMETERS,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    REGION,
    TAG_PARAMETERS,
    RefusedError,
    Rendering,
)
from infra.template import Template, read, without

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
# Of AWS or Drawbridge itself, however spelt; wildcards; what AWS takes for no key, or a list can't hold.
REFUSED_KEYS = (
    "aws:cloudformation:stack-name",
    "AWS:x",
    "drawbridge:enabled",
    "drawbridge:tags",
    "Drawbridge:Approval",
    "creator,drawbridge:ignore",
    "cost*",
    "cost?",
    "cost+centre",
    "a" * 129,
    "${aws:username}",
)
ALARM_TOPIC = f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:alarms"


@pytest.mark.parametrize(
    "parameters",
    [
        {"OrganizationId": "o-A1B2C3D4E5"},
        {"OrganizationId": "r-a1b2"},
        {"ManagementAccountId": "11111111111"},
        {"ManagementAccountId": "*"},
        {"RevocationGrace": "1 day"},
        {"RevocationGrace": "24"},
        {"RevocationGrace": "10000h"},
        {"ManagePrincipals": "exact"},
        {"ArchiveRetentionDays": "-1"},
        {"ArchiveRetentionDays": "4000"},
        {"ArchiveRetentionDays": "forever"},
        {"OrganizationId": "o-a1b2c3d4e5/*"},
        {"ProviderAccounts": ""},
        {"ProviderAccounts": "22222222222"},
        {"ProviderAccounts": f"{HUB_ACCOUNT},*"},
        {"ProviderRegions": ""},
        {"ProviderRegions": "Ireland"},
        {"ProviderRegions": "eu-west-1,*"},
        {"Mode": "Enforce"},
        {"Mode": "false"},
        {"ServiceSelection": "all"},
        {"MemberExternalId": "x"},
        {"MemberExternalId": "a_b"},
        {"MemberExternalId": 'a"b'},
        {"PermissionsBoundaryArn": "boundary"},
        {"Architecture": "arm"},
        {"LogRetentionDays": "100"},
        {"AlarmTopicArn": "alarms"},
        {"AlarmTopicArn": f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:alarms.fifo"},
        {"ConsumerAccounts": "*"},
        {"DnsAccounts": f"{HUB_ACCOUNT},all"},
        {"VerifyDomains": "selected"},
        {"WriteZones": "true"},
        {"PrivateNames": "yes"},
        {"PrivateNames": "tagged"},
        {"PrivateNames": "every", "DnsAccounts": HUB_ACCOUNT},
        {"WriteZones": "yes"},
        {"WriteZones": "yes", "ConsumerAccounts": CONSUMER_ACCOUNT},
        {"WriteProfiles": "write"},
        {"WriteProfiles": "yes"},
        {"WriteProfiles": "yes", "ConsumerAccounts": CONSUMER_ACCOUNT},
        {"WriteTags": "all", "TagKeys": "creator"},
        {"WriteAlarms": "true"},
        {"MakeObservabilitySink": "maybe"},
        {"HeldRequestHours": "0"},
        {"HeldRequestHours": "721"},
        {"HeldRequestHours": "a day"},
        {"RunbookUrl": "http://example.com/runbook"},
        {"RunbookUrl": "https://example.com/runbook#errors"},
        {"RunbookUrl": "https://example.com/run book"},
        {"RunbookUrl": 'https://example.com/"'},
        {"RunbookUrl": "https://example.com/${x}"},
        {"WriteTags": "yes"},
        {"WriteTags": "yes", "TagKeys": ""},
        *({"TagKeys": keys} for keys in REFUSED_KEYS),
        {"Unknown": "x"},
    ],
)
def test_a_hub_with_this_parameter_is_refused(parameters):
    with pytest.raises(RefusedError):
        Rendering(HUB, HUB_PARAMETERS | parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"Mode": "off"},
        {"Mode": "enforce"},
        {"ServiceSelection": "every"},
        {"RevocationGrace": "0s"},
        {"ManagePrincipals": "yes"},
        {"ArchiveRetentionDays": "0"},
        {"ProviderRegions": "eu-west-1,us-gov-west-1,ap-southeast-2"},
        {"MemberExternalId": "a+b=c,d.e@f:g/h-i"},
        {"PermissionsBoundaryArn": f"arn:aws:iam::{HUB_ACCOUNT}:policy/path/boundary"},
        {"AlarmTopicArn": ALARM_TOPIC},
        {"Architecture": "x86_64", "LogRetentionDays": "30"},
        DNS_PARAMETERS,
        {"VerifyDomains": "yes"},
        {"DnsAccounts": "", "ConsumerAccounts": ""},
        {"PrivateNames": "every", "ConsumerAccounts": CONSUMER_ACCOUNT},
        {"WriteZones": "yes", "DnsAccounts": f"{HUB_ACCOUNT}, {CONSUMER_ACCOUNT}"},
        {"WriteProfiles": "yes", "DnsAccounts": CONSUMER_ACCOUNT},
        {"WriteTags": "yes", "TagKeys": "creator"},
        {"WriteTags": "yes", "TagKeys": "creator, Cost Center,awsome,my:aws:key,team/drawbridge:x," + "a" * 128},
        {"TagKeys": "creator"},
        {"WriteAlarms": "yes"},
        {"MakeObservabilitySink": "yes"},
        {"HeldRequestHours": "1"},
        {"RunbookUrl": "https://example.com/team/runbook?version=1"},
    ],
)
def test_a_hub_with_this_parameter_is_made(parameters):
    assert Rendering(HUB, HUB_PARAMETERS | parameters).resources


@pytest.mark.parametrize("missing", HUB_PARAMETERS)
def test_a_hub_asks_for_what_it_cannot_guess(missing):
    with pytest.raises(RefusedError):
        Rendering(HUB, {name: value for name, value in HUB_PARAMETERS.items() if name != missing})


def test_a_hub_left_alone_writes_nothing_and_looks_at_services_that_opted_in():
    defaults = {name: declaration.get("Default") for name, declaration in HUB["Parameters"].items()}
    assert (defaults["Mode"], defaults["ServiceSelection"]) == ("observe", "tagged")
    assert defaults["ManagePrincipals"] == MEMBER["Parameters"]["ManagePrincipals"]["Default"] == "no"
    assert defaults["ConsumerAccounts"] == defaults["DnsAccounts"] == ""
    members = {name: declaration.get("Default") for name, declaration in MEMBER["Parameters"].items()}
    nothing = {
        "VerifyDomains": "no",
        "PrivateNames": "none",
        "WriteZones": "no",
        "WriteProfiles": "no",
        "WriteTags": "no",
        "WriteAlarms": "no",
    }
    for name, value in nothing.items():
        assert defaults[name] == members[name] == value
    assert (defaults["MakeObservabilitySink"], members["ObservabilitySink"]) == ("no", "")
    assert members["ProviderRole"] == members["ConsumerRole"] == members["DnsRole"] == "no"


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("PrivateNamesHaveEndpoints", {"PrivateNames": "every"}),
        ("ZonesHaveAccounts", {"WriteZones": "yes"}),
        ("ProfilesHaveAccounts", {"WriteProfiles": "yes"}),
        ("TagsHaveKeys", {"WriteTags": "yes"}),
    ],
)
def test_a_hub_without_its_rule_would_be_let_do_what_it_has_no_account_for(rule, parameters):
    assert Rendering(without(HUB, f"Rules/{rule}"), HUB_PARAMETERS | parameters).resources


@pytest.mark.parametrize("parameters", [{"WriteTags": "yes"}, *({"TagKeys": keys} for keys in REFUSED_KEYS)])
def test_a_member_refuses_the_keys_that_the_hub_refuses(parameters):
    with pytest.raises(RefusedError):
        Rendering(MEMBER, MEMBER_PARAMETERS | parameters)
    assert Rendering(MEMBER, MEMBER_PARAMETERS | TAG_PARAMETERS).resources


def test_keys_that_no_pattern_limits_would_be_let_in():
    unlimited = without(HUB, "Parameters/TagKeys/AllowedPattern")
    assert Rendering(unlimited, HUB_PARAMETERS | {"TagKeys": "drawbridge:enabled"}).resources


def test_hub_and_members_take_the_same_keys():
    limits = [template["Parameters"]["TagKeys"] for template in (HUB, MEMBER)]
    assert limits[0]["AllowedPattern"] == limits[1]["AllowedPattern"]


def test_enforcing_on_every_service_without_an_alarm_topic_is_refused():
    everywhere = HUB_PARAMETERS | {"Mode": "enforce", "ServiceSelection": "every"}
    with pytest.raises(RefusedError, match="AlarmTopicArn"):
        Rendering(HUB, everywhere)
    assert Rendering(HUB, everywhere | {"AlarmTopicArn": ALARM_TOPIC}).resources
    assert Rendering(without(HUB, "Rules"), everywhere).resources


LIMITS = (
    {"AllowedValues"},
    {"AllowedPattern", "ConstraintDescription"},
    {"MinValue", "MaxValue", "ConstraintDescription"},
)


def unexplained(template: Template) -> set[str]:
    """Parameters without a description, or without a limit and a word on it."""
    return {
        name
        for name, declaration in template["Parameters"].items()
        if not declaration.get("Description") or not any(limit <= set(declaration) for limit in LIMITS)
    }


@pytest.mark.parametrize("template", [HUB, MEMBER, MANAGEMENT], ids=["hub", "member", "management"])
def test_every_parameter_is_explained_and_limited(template):
    assert unexplained(template) == set()


@pytest.mark.parametrize("part", ["Description", "AllowedPattern", "ConstraintDescription"])
def test_a_parameter_without_explanation_or_limit_is_told(part):
    assert unexplained(without(HUB, f"Parameters/OrganizationId/{part}")) == {"OrganizationId"}


def test_a_number_without_a_limit_is_told():
    assert unexplained(without(HUB, "Parameters/ArchiveRetentionDays/MaxValue")) == {"ArchiveRetentionDays"}


def test_every_parameter_is_in_a_group_of_the_console():
    groups = HUB["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(HUB["Parameters"])
