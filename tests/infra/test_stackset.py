"""The stack set makes of member.yaml what a stack of it would be, in every account of the units."""

import pytest

from infra.rendering import (
    MANAGEMENT_ACCOUNT,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    OTHER_REGION,
    REGION,
    STACK_SET_PARAMETERS,
    TAG_PARAMETERS,
    RefusedError,
    Rendering,
)
from infra.template import Template, altered, at, read, without

STACK_SET, MEMBER = read("stackset.yaml"), read("member.yaml")
PARAMETERS = STACK_SET_PARAMETERS | MEMBER_PARAMETERS


def rendered(template: Template = STACK_SET, **parameters: str) -> dict:
    """Properties of the stack set."""
    return Rendering(template, PARAMETERS | parameters, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION).properties("Members")


def differences(template: Template) -> set[str]:
    """Parameters of member.yaml that the stack set declares otherwise, or doesn't pass on as they are."""
    declared = MEMBER["Parameters"]
    passed = {
        item["ParameterKey"]: item["ParameterValue"] for item in at(template, "Resources/Members/Properties/Parameters")
    }
    wrong = {name for name in declared if template["Parameters"].get(name) != declared[name]}
    for name, declaration in declared.items():
        reference = {"Ref": name}
        listed = declaration["Type"] == "CommaDelimitedList"
        wrong |= {name} if passed.get(name) != ({"Fn::Join": [",", reference]} if listed else reference) else set()
    return wrong | set(passed) - set(declared)


def test_the_parameters_of_a_member_are_those_of_the_stack_set():
    assert differences(STACK_SET) == set()
    assert {name: STACK_SET["Rules"].get(name) for name in MEMBER["Rules"]} == MEMBER["Rules"]


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        (altered(STACK_SET, "Parameters/HubAccountId/AllowedPattern", ".*"), {"HubAccountId"}),
        (altered(STACK_SET, "Parameters/ProviderRole/Default", "yes"), {"ProviderRole"}),
        (altered(STACK_SET, "Resources/Members/Properties/Parameters/3/ParameterValue", "no"), {"ProviderRole"}),
        (without(STACK_SET, "Resources/Members/Properties/Parameters/0"), {"HubAccountId"}),
    ],
)
def test_a_parameter_that_differs_is_told(defect, told):
    assert differences(defect) == told


def test_what_the_stack_set_passes_on_makes_the_member():
    given = PARAMETERS | MEMBER_DNS_PARAMETERS | TAG_PARAMETERS
    passed = {item["ParameterKey"]: item["ParameterValue"] for item in rendered(**given)["Parameters"]}
    expected = Rendering(MEMBER, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | TAG_PARAMETERS)
    assert Rendering(MEMBER, passed).resources == expected.resources


def test_an_account_that_joins_gets_its_stack_and_one_that_leaves_loses_it():
    made = rendered()
    assert made["PermissionModel"] == "SERVICE_MANAGED"
    assert made["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": "false"}
    assert rendered(RetainStacksOnAccountRemoval="true")["AutoDeployment"]["RetainStacksOnAccountRemoval"] == "true"


def test_the_stack_set_reaches_the_units_in_the_regions_and_stops_where_too_many_fail():
    made = rendered(FailureTolerancePercentage="0", MaxConcurrentPercentage="50")
    [group] = made["StackInstancesGroup"]
    assert group["DeploymentTargets"] == {"OrganizationalUnitIds": ["ou-ab12-11111111", "ou-ab12-22222222"]}
    assert group["Regions"] == [REGION, OTHER_REGION]
    preferences = made["OperationPreferences"]
    assert (preferences["FailureTolerancePercentage"], preferences["MaxConcurrentPercentage"]) == ("0", "50")


@pytest.mark.parametrize(
    "parameters",
    [
        {"TemplateUrl": "infra/member.yaml"},
        {"TemplateUrl": "http://artifacts.s3.amazonaws.com/member.yaml"},
        {"TemplateUrl": "https://example.com/member.yaml"},
        {"OrganizationalUnits": ""},
        {"OrganizationalUnits": "workloads"},
        {"OrganizationalUnits": "ou-ab12-11111111,*"},
        {"Regions": ""},
        {"Regions": "Ireland"},
        {"Regions": OTHER_REGION},
        {"Regions": OTHER_REGION, "ProviderRole": "no", "DnsRole": "yes"},
        {"StackSetName": "drawbridge_member"},
        {"CallAs": "ADMIN"},
        {"RetainStacksOnAccountRemoval": "no"},
        {"FailureTolerancePercentage": "101"},
        {"MaxConcurrentPercentage": "0"},
        {"ProviderRole": "no", "Forwarding": "no"},
        {"WriteTags": "yes"},
        {"HubAccountId": "*"},
    ],
)
def test_a_stack_set_with_this_parameter_is_refused(parameters):
    with pytest.raises(RefusedError):
        rendered(**parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"OrganizationalUnits": "r-ab12"},
        {"Regions": OTHER_REGION, "ProviderRole": "no"},
        {"TemplateUrl": "https://artifacts.s3.eu-west-1.amazonaws.com/1.2.3/member.yaml"},
        {"TemplateUrl": "https://s3.cn-north-1.amazonaws.com.cn/artifacts/member.yaml"},
        {"StackSetName": "drawbridge-providers", "CallAs": "DELEGATED_ADMIN"},
    ],
)
def test_a_stack_set_with_this_parameter_is_made(parameters):
    assert rendered(**parameters)
