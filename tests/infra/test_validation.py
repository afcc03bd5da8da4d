"""Validators find nothing in templates and role policies, and find what is wrong when something is."""

import re
from typing import Any

import pytest
from awscli.customizations.cloudformation.yamlhelper import yaml_dump, yaml_parse

from infra.delivery import attached_policies, own_policies
from infra.rendering import (
    ALARM_PARAMETERS,
    CLOUD_MAP_PARAMETERS,
    CONSUMER_ACCOUNT,
    DNS_PARAMETERS,
    EVERYTHING,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    PROVIDER_ACCOUNT,
    TAG_PARAMETERS,
    Rendering,
)
from infra.template import INFRA, Template, altered, as_json, parse, read, without
from infra.validation import by_cfn_lint, by_cloudformation_validate, by_parliament

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
TEMPLATES = {
    "hub.yaml": HUB,
    "member.yaml": MEMBER,
    "management.yaml": MANAGEMENT,
    "stackset.yaml": read("stackset.yaml"),
}
FUNCTION_POLICY = "Resources/FunctionRole/Properties/Policies/0/PolicyDocument/Statement"

# Bytes in a template that is given to CloudFormation as it is, and in one that lies in a bucket (CloudFormation quotas).
TEMPLATE_LIMIT = 51_200
TEMPLATE_LIMIT_IN_A_BUCKET = 1_048_576
# Characters in all inline policies of a role, and in a managed policy, which is not counted with them (IAM quotas).
POLICY_LIMIT = 10_240
MANAGED_POLICY_LIMIT = 6_144


@pytest.mark.parametrize("name", TEMPLATES)
def test_cloudformation_validate_finds_nothing(name):
    assert by_cloudformation_validate(name, TEMPLATES[name]) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_nothing(name):
    assert by_cfn_lint(TEMPLATES[name]) == []


ROLES = [
    *((Rendering(HUB, HUB_PARAMETERS), role) for role in ("FunctionRole", "WatchRole", "ForwarderRole", "SweepRole")),
    (Rendering(HUB, HUB_PARAMETERS | {"ServiceSelection": "every", "ManagePrincipals": "yes"}), "FunctionRole"),
    (Rendering(HUB, HUB_PARAMETERS | {"ManagePrincipals": "yes"}), "FunctionRole"),
    (Rendering(HUB, HUB_PARAMETERS), "SyncRole"),
    (Rendering(HUB, HUB_PARAMETERS | DNS_PARAMETERS), "SyncRole"),
    (Rendering(HUB, HUB_PARAMETERS | DNS_PARAMETERS | {"ServiceSelection": "every"}), "SyncRole"),
    (Rendering(HUB, HUB_PARAMETERS), "TagsRole"),
    (Rendering(HUB, HUB_PARAMETERS | DNS_PARAMETERS | TAG_PARAMETERS), "TagsRole"),
    (Rendering(HUB, HUB_PARAMETERS | TAG_PARAMETERS | {"ServiceSelection": "every"}), "TagsRole"),
    (Rendering(HUB, HUB_PARAMETERS), "AlarmsRole"),
    (Rendering(HUB, HUB_PARAMETERS | ALARM_PARAMETERS), "AlarmsRole"),
    (Rendering(HUB, HUB_PARAMETERS), "CloudMapRole"),
    (Rendering(HUB, HUB_PARAMETERS | CLOUD_MAP_PARAMETERS), "CloudMapRole"),
    (Rendering(MEMBER, EVERYTHING["member.yaml"], account=PROVIDER_ACCOUNT), "MemberRole"),
    (Rendering(MEMBER, MEMBER_PARAMETERS, account=PROVIDER_ACCOUNT), "MemberRole"),
    (Rendering(MEMBER, MEMBER_PARAMETERS | {"ManagePrincipals": "yes"}, account=PROVIDER_ACCOUNT), "MemberRole"),
    (Rendering(MANAGEMENT, MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION), "ForwarderRole"),
    (Rendering(MEMBER, MEMBER_PARAMETERS, account=CONSUMER_ACCOUNT), "ForwarderRole"),
]


@pytest.mark.parametrize(("rendering", "role"), ROLES)
def test_parliament_finds_nothing_in_the_policies_of_a_role(rendering, role):
    for document in [*own_policies(rendering, role), *attached_policies(rendering, role)]:
        assert by_parliament(document) == []


def test_every_role_of_every_template_is_looked_at():
    looked_at = {role for _, role in ROLES}
    assert looked_at == {
        name
        for template in TEMPLATES.values()
        for name, r in template["Resources"].items()
        if r["Type"] == "AWS::IAM::Role"
    }


# Templates with one defect each.
DEFECTS: dict[str, Template] = {
    "property misspelt": altered(HUB, "Resources/Queue/Properties/VisibilityTimeOut", 400),
    "value of a wrong type": altered(HUB, "Resources/Queue/Properties/VisibilityTimeout", "long"),
    "value beyond its range": altered(HUB, "Resources/Mapping/Properties/ScalingConfig/MaximumConcurrency", 1),
    "value unknown": altered(HUB, "Resources/ErrorsAlarm/Properties/ComparisonOperator", "MoreThan"),
    "runtime out of support": altered(HUB, "Resources/Function/Properties/Runtime", "provided.al2"),
    "retention that CloudWatch does not know": altered(HUB, "Resources/LogGroup/Properties/RetentionInDays", 100),
    "time-out over the queue's visibility": altered(HUB, "Resources/Function/Properties/Timeout", 600),
    "required property missing": without(HUB, "Resources/Sweep/Properties/FlexibleTimeWindow"),
    "reference to nothing": altered(HUB, "Resources/Function/Properties/Role", {"Fn::GetAtt": ["Nobody", "Arn"]}),
    "condition unknown": altered(HUB, "Resources/SweepRole/Properties/PermissionsBoundary/Fn::If/0", "HasNone"),
    "circle": altered(
        HUB,
        "Resources/DeadLetters/Properties/RedriveAllowPolicy/sourceQueueArns",
        [{"Fn::GetAtt": ["Queue", "Arn"]}],
    ),
    "parameter of no use": altered(HUB, "Parameters/Extra", {"Type": "String"}),
    "policy language of no version": altered(
        HUB, "Resources/SweepRole/Properties/Policies/0/PolicyDocument/Version", "2012-10-18"
    ),
    "effect unknown": altered(HUB, f"{FUNCTION_POLICY}/0/Effect", "Permit"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_cloudformation_validate_finds(defect):
    assert by_cloudformation_validate("hub.yaml", DEFECTS[defect])


# A second or two each: one of a kind.
@pytest.mark.parametrize("defect", ["property misspelt", "value unknown", "reference to nothing", "circle"])
def test_cfn_lint_finds(defect):
    assert by_cfn_lint(DEFECTS[defect])


POLICY_DEFECTS = {
    "UNKNOWN_ACTION": altered(HUB, f"{FUNCTION_POLICY}/0/Action", ["ec2:DescribeVpcEndpointConections"]),
    "RESOURCE_MISMATCH": altered(HUB, f"{FUNCTION_POLICY}/2/Resource", "arn:aws:ec2:*:*:vpc-endpoint/*"),
    "UNKNOWN_CONDITION_FOR_ACTION": altered(
        HUB, f"{FUNCTION_POLICY}/2/Condition", {"StringEquals": {"ec2:VpceServiceOwner": "444444444444"}}
    ),
    "UNKNOWN_OPERATOR": altered(HUB, f"{FUNCTION_POLICY}/2/Condition", {"StringEqual": {"aws:RequestedRegion": "x"}}),
}


@pytest.mark.parametrize("issue", POLICY_DEFECTS)
def test_parliament_finds(issue):
    document = Rendering(POLICY_DEFECTS[issue], HUB_PARAMETERS).properties("FunctionRole")["Policies"][0][
        "PolicyDocument"
    ]
    assert issue in {finding.rule for finding in by_parliament(document)}


def test_parliament_finds_a_key_of_profiles_with_another_action():
    statement = {"Sid": "S", "Effect": "Allow", "Resource": "*"}
    statement["Condition"] = {"StringEquals": {"route53profiles:ResourceTypes": "HostedZone"}}

    def rules(action):
        found = by_parliament({"Version": "2012-10-17", "Statement": [statement | {"Action": action}]})
        return {finding.rule for finding in found}

    assert rules("route53profiles:AssociateResourceToProfile") == set()
    assert rules("route53profiles:AssociateProfile") == {"UNKNOWN_CONDITION_FOR_ACTION"}


def without_bucket(name: str) -> bool:
    """Whether the template can be given as it is."""
    return len((INFRA / name).read_bytes()) <= TEMPLATE_LIMIT


def test_the_management_account_needs_no_bucket():
    assert without_bucket("management.yaml")
    assert without_bucket("stackset.yaml")


def test_the_members_template_is_given_in_a_bucket():
    """Of a stack set and of a stack alike: it is larger than what CloudFormation takes from a command."""
    assert not without_bucket("member.yaml")
    assert len((INFRA / "member.yaml").read_bytes()) <= TEMPLATE_LIMIT_IN_A_BUCKET
    text = (INFRA / "README.md").read_text(encoding="utf-8")
    assert "--template-body file://infra/member.yaml" not in text
    assert "--key drawbridge-member.yaml --body infra/member.yaml" in text


def test_the_hub_has_its_code_and_itself_in_a_bucket():
    """As `aws cloudformation package` leaves it; `deploy` refuses one of this size without `--s3-bucket`."""
    packaged = yaml_dump(yaml_parse((INFRA / "hub.yaml").read_text(encoding="utf-8")))
    assert TEMPLATE_LIMIT < len(packaged.encode()) <= TEMPLATE_LIMIT_IN_A_BUCKET
    assert "deploy --template-file target/hub.yaml --s3-bucket" in (INFRA / "README.md").read_text(encoding="utf-8")


def length(document: dict[str, Any]) -> int:
    """Characters that IAM counts."""
    return len(re.sub(r"\s", "", as_json(document)))


def length_of_policies(rendering: Rendering, role: str) -> int:
    """Characters that IAM counts in a role's own policies."""
    return sum(map(length, own_policies(rendering, role)))


@pytest.mark.parametrize(("rendering", "role"), ROLES)
def test_the_policies_of_a_role_are_short_enough_for_iam(rendering, role):
    assert length_of_policies(rendering, role) <= POLICY_LIMIT
    assert all(length(document) <= MANAGED_POLICY_LIMIT for document in attached_policies(rendering, role))


@pytest.mark.parametrize(("function", "room"), [("publish-alarms", 1.5), ("sync-cloud-map", 1.4)])
def test_a_policy_that_stands_apart_has_room_for_more(function, room):
    everything = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | ALARM_PARAMETERS | CLOUD_MAP_PARAMETERS
    documents = attached_policies(Rendering(MEMBER, everything, account=PROVIDER_ACCOUNT), "MemberRole")
    [document] = [document for document in documents if function in str(document)]
    longer = {**document, "Statement": document["Statement"] * 4}
    assert room * length(document) <= MANAGED_POLICY_LIMIT < length(longer)


def test_a_hundred_consumers_fit_into_the_policy_of_sync_dns_and_many_more_do_not():
    def of(number: int) -> int:
        consumers = ",".join(f"{account:012}" for account in range(number))
        parameters = HUB_PARAMETERS | DNS_PARAMETERS | {"ConsumerAccounts": consumers}
        return length_of_policies(Rendering(HUB, parameters), "SyncRole")

    assert of(100) <= POLICY_LIMIT < of(120)


# Characters in the tag that lists the keys, which the configuration keeps to (tag restrictions of EC2).
MARK_LIMIT = 256


@pytest.mark.parametrize("letters", [2, 5, 12, 60])
def test_as_many_keys_as_the_tag_that_lists_them_has_room_for_fit_into_the_policies_of_tag_resources(letters):
    consumers = ",".join(f"{account:012}" for account in range(100))

    def of(number: int) -> int:
        keys = {"WriteTags": "yes", "TagKeys": ",".join(f"{key:0{letters}}" for key in range(number))}
        hub = Rendering(HUB, HUB_PARAMETERS | keys | {"ConsumerAccounts": consumers})
        everything = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | ALARM_PARAMETERS | {"ManagePrincipals": "yes"}
        member = Rendering(MEMBER, everything | keys, account=PROVIDER_ACCOUNT)
        return max(length_of_policies(hub, "TagsRole"), length_of_policies(member, "MemberRole"))

    most = MARK_LIMIT // (letters + 1)
    assert of(most) <= POLICY_LIMIT < of(3 * most)


@pytest.mark.parametrize("name", TEMPLATES)
def test_packaging_leaves_a_template_as_it_is(name):
    """`aws cloudformation package` reads a template and writes it anew."""
    text = (INFRA / name).read_text(encoding="utf-8")
    assert parse(yaml_dump(yaml_parse(text))) == parse(text)
