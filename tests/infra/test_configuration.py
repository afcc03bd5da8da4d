"""The configuration that a new hub starts with, and how it gets to the function."""

import json
import re

import pytest
import yaml
from jsonschema import Draft202012Validator

from infra.delivery import permissions
from infra.rendering import (
    CONSUMER_ACCOUNT,
    DNS_PARAMETERS,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    ORGANIZATION,
    PROVIDER_ACCOUNT,
    REGION,
    Rendering,
)
from infra.template import INFRA, Template, altered, read, without

HUB = read("hub.yaml")


def hub(template: Template = HUB, **parameters: str) -> Rendering:
    return Rendering(template, HUB_PARAMETERS | parameters)


def document(**parameters: str) -> dict:
    return yaml.safe_load(hub(**parameters).properties("Configuration")["Content"])


def test_the_configuration_is_made_of_the_parameters():
    assert document() == {
        "version": 1,
        "deployment": "drawbridge",
        "organization": ORGANIZATION,
        "hub-account": HUB_ACCOUNT,
        "mode": "observe",
        "providers": {
            "accounts": [HUB_ACCOUNT, PROVIDER_ACCOUNT],
            "regions": [REGION],
            "role": "drawbridge-member",
        },
        "services": {"select": "tagged", "tag": {"key": "drawbridge:enabled", "value": "true"}},
        "revocation": {"grace": "24h"},
        "principals": {"manage": "none", "require-acceptance": False},
        "consumers": {"accounts": []},
        "dns": {
            "accounts": [],
            "verification": "none",
            "private-names": {"select": "none", "tag": {"key": "drawbridge:private-dns", "value": "true"}},
        },
    }


def test_the_configuration_has_only_what_the_schema_knows():
    """The function refuses whatever else there is."""
    schema = json.loads((INFRA / "drawbridge.schema.json").read_text(encoding="utf-8"))
    other = {"MemberExternalId": "between:us", "ManagePrincipals": "yes", "RevocationGrace": "0s"}
    for parameters in ({}, other, DNS_PARAMETERS, DNS_PARAMETERS | {"PrivateNames": "every"}):
        assert list(Draft202012Validator(schema).iter_errors(document(**parameters))) == []
    unknown = {**document(), "revocations": {"grace": "24h"}}
    assert list(Draft202012Validator(schema).iter_errors(unknown))


def test_managing_principals_is_configured_where_iam_allows_it():
    assert document(ManagePrincipals="yes")["principals"] == {"manage": "exact", "require-acceptance": True}


def test_what_may_be_done_about_names_is_configured_where_iam_allows_it():
    configured = document(**DNS_PARAMETERS)
    assert configured["consumers"] == {"accounts": [HUB_ACCOUNT, CONSUMER_ACCOUNT]}
    assert configured["dns"] == {
        "accounts": [HUB_ACCOUNT, PROVIDER_ACCOUNT],
        "verification": "selected",
        "private-names": {"select": "tagged", "tag": {"key": "drawbridge:private-dns", "value": "true"}},
    }
    assert document(**DNS_PARAMETERS | {"PrivateNames": "every"})["dns"]["private-names"]["select"] == "every"


def test_the_grace_is_passed_on():
    assert document(RevocationGrace="7d")["revocation"] == {"grace": "7d"}


@pytest.mark.parametrize("mode", ["off", "observe", "enforce"])
def test_the_mode_is_a_text_also_for_a_reader_that_takes_off_for_false(mode):
    assert document(Mode=mode)["mode"] == mode


def test_an_account_with_a_leading_zero_keeps_it():
    assert document(ProviderAccounts="012345678901")["providers"]["accounts"] == ["012345678901"]


def test_several_regions_become_a_list():
    assert document(ProviderRegions="eu-west-1, us-gov-west-1")["providers"]["regions"] == [
        "eu-west-1",
        "us-gov-west-1",
    ]


def test_an_external_id_is_passed_on_when_there_is_one():
    assert "external-id" not in document()["providers"]
    assert document(MemberExternalId="between:us")["providers"]["external-id"] == "between:us"


def test_the_tag_of_the_configuration_is_the_one_that_iam_asks_for():
    tag = document()["services"]["tag"]
    writing = {"AnswerRequests", "KeepAllowedPrincipalsInStep"}
    statements = permissions(hub(ManagePrincipals="yes"), "FunctionRole")
    asked = {statement["Sid"] for statement in statements if _asks_for(tag, statement)}
    assert asked == writing
    statements = permissions(hub(**DNS_PARAMETERS), "SyncRole")
    assert {statement["Sid"] for statement in statements if _asks_for(tag, statement)} == {"StartVerification"}


def test_the_tag_of_private_names_is_the_one_that_iam_asks_for():
    tag = document(**DNS_PARAMETERS)["dns"]["private-names"]["tag"]
    statements = permissions(hub(**DNS_PARAMETERS), "SyncRole")
    assert {statement["Sid"] for statement in statements if _asks_for(tag, statement)} == {"EnableNames"}


def _asks_for(tag: dict[str, str], statement: dict) -> bool:
    condition = statement.get("Condition", {}).get("StringEquals", {})
    return condition.get(f"aws:ResourceTag/{tag['key']}") == tag["value"]


def cedar(text: str) -> str:
    """A Cedar text without comments and empty lines."""
    return "\n".join(line for line in (re.sub(r"//.*", "", line).rstrip() for line in text.splitlines()) if line)


def policy_file() -> str:
    return cedar((INFRA / "policies" / "members-only.cedar").read_text(encoding="utf-8"))


def test_the_policy_is_the_one_of_the_policies_folder():
    other = "o-0123456789ab"
    assert cedar(hub().properties("Policy")["Content"]) == policy_file()
    assert cedar(hub(OrganizationId=other).properties("Policy")["Content"]) == policy_file().replace(
        ORGANIZATION, other
    )


def test_a_policy_that_drifted_from_the_folder_is_told():
    drifted = altered(HUB, "Resources/Policy/Properties/Content", "permit (principal, action, resource);")
    assert cedar(hub(drifted).properties("Policy")["Content"]) != policy_file()


def misdirected(rendering: Rendering) -> list[str]:
    """Where the functions' environment and the deployments don't fit what is there."""
    complaints = []
    application, environment = rendering.properties("Application")["Name"], rendering.properties("Environment")["Name"]
    topic = rendering.reference("Topic")
    for function in rendering.of_type("AWS::Lambda::Function").values():
        name, variables = function["FunctionName"], function["Environment"]["Variables"]
        if variables["DRAWBRIDGE_SOURCE"] != f"appconfig:{application}/{environment}":
            complaints.append(f"{name} polls another application or environment")
        if variables["DRAWBRIDGE_BUS"] != rendering.properties("Bus")["Name"]:
            complaints.append(f"{name} publishes on another bus")
        queues = {mapping["EventSourceArn"] for mapping in _mappings(rendering, name)}
        if "DRAWBRIDGE_QUEUE" in variables and {_queue_arn(rendering, variables["DRAWBRIDGE_QUEUE"])} != queues:
            complaints.append(f"{name} leaves work in another queue")
        if variables.get("DRAWBRIDGE_TOPIC", topic) != topic:
            complaints.append(f"{name} has another topic told of connections")
        if set(variables) - {"DRAWBRIDGE_QUEUE", "DRAWBRIDGE_TOPIC"} != {"DRAWBRIDGE_SOURCE", "DRAWBRIDGE_BUS"}:
            complaints.append(f"the environment of {name} is more than pointers")
    profiles = {profile["Name"] for profile in rendering.of_type("AWS::AppConfig::ConfigurationProfile").values()}
    if profiles != {"drawbridge.yaml", "acceptance.cedar"}:
        complaints.append("the function polls other profiles")
    deployed = {d["ConfigurationProfileId"] for d in rendering.of_type("AWS::AppConfig::Deployment").values()}
    if deployed != {rendering.reference(name) for name in ("ConfigurationProfile", "PolicyProfile")}:
        complaints.append("a profile is not deployed")
    return complaints


def _mappings(rendering: Rendering, function: str) -> list[dict]:
    mappings = rendering.of_type("AWS::Lambda::EventSourceMapping").values()
    return [mapping for mapping in mappings if mapping["FunctionName"] == function]


def _queue_arn(rendering: Rendering, url: str) -> str | None:
    return next((rendering.arn(n) for n in rendering.of_type("AWS::SQS::Queue") if rendering.reference(n) == url), None)


def test_the_function_finds_its_configuration_and_its_bus():
    assert misdirected(hub()) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (altered(HUB, "Resources/Environment/Properties/Name", "test"), "another application or environment"),
        (altered(HUB, "Resources/Function/Properties/Environment/Variables/DRAWBRIDGE_BUS", "default"), "another bus"),
        (altered(HUB, "Resources/Function/Properties/Environment/Variables/MODE", "enforce"), "more than pointers"),
        (
            altered(HUB, "Resources/Function/Properties/Environment/Variables/DRAWBRIDGE_TOPIC", "other"),
            "another topic",
        ),
        (
            altered(HUB, "Resources/WatchFunction/Properties/Environment/Variables/DRAWBRIDGE_SOURCE", "file:/x"),
            "drawbridge-watch-organization polls another",
        ),
        (
            altered(HUB, "Resources/SyncFunction/Properties/Environment/Variables/DRAWBRIDGE_QUEUE", {"Ref": "Queue"}),
            "drawbridge-sync-dns leaves work in another queue",
        ),
        (
            altered(HUB, "Resources/SyncFunction/Properties/Environment/Variables/DRAWBRIDGE_QUEUE", "drawbridge"),
            "drawbridge-sync-dns leaves work in another queue",
        ),
        (altered(HUB, "Resources/PolicyProfile/Properties/Name", "policy.cedar"), "other profiles"),
        (
            altered(
                HUB, "Resources/PolicyDeployment/Properties/ConfigurationProfileId", {"Ref": "ConfigurationProfile"}
            ),
            "not deployed",
        ),
    ],
)
def test_a_pointer_to_something_else_is_told(template, expected):
    assert any(expected in complaint for complaint in misdirected(hub(template)))


def out_of_order(template: Template = HUB) -> list[str]:
    """Where resources would be made too early, at the same time, or kept too short."""
    resources, complaints = template["Resources"], []
    if "PolicyDeployment" not in listed(resources["ConfigurationDeployment"].get("DependsOn")):
        complaints.append("two deployments at the same time")
    for mapping in ("Mapping", "WatchMapping", "SyncMapping", "TagsMapping"):
        if not {"PolicyDeployment", "ConfigurationDeployment"} <= set(listed(resources[mapping].get("DependsOn"))):
            complaints.append(f"{mapping}: messages before a configuration")
    for version in ("Configuration", "Policy"):
        if resources[version].get("UpdateReplacePolicy") != "Retain":
            complaints.append(f"no earlier {version} to roll back to")
    strategy = resources["DeploymentStrategy"]["Properties"]
    if (strategy["DeploymentDurationInMinutes"], strategy["GrowthFactor"], strategy["FinalBakeTimeInMinutes"]) != (
        0,
        100,
        0,
    ):
        complaints.append("a mode takes its time")
    return complaints


def listed(value) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def test_the_configuration_is_there_before_the_first_message_and_stays_to_roll_back_to():
    assert out_of_order() == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (without(HUB, "Resources/ConfigurationDeployment/DependsOn"), "at the same time"),
        (altered(HUB, "Resources/Mapping/DependsOn", ["PolicyDeployment"]), "Mapping: messages before a configuration"),
        (without(HUB, "Resources/WatchMapping/DependsOn"), "WatchMapping: messages before a configuration"),
        (without(HUB, "Resources/SyncMapping/DependsOn"), "SyncMapping: messages before a configuration"),
        (without(HUB, "Resources/TagsMapping/DependsOn"), "TagsMapping: messages before a configuration"),
        (without(HUB, "Resources/Policy/UpdateReplacePolicy"), "no earlier Policy"),
        (altered(HUB, "Resources/DeploymentStrategy/Properties/FinalBakeTimeInMinutes", 10), "takes its time"),
    ],
)
def test_a_configuration_that_comes_too_late_or_goes_too_early_is_told(template, expected):
    assert any(expected in complaint for complaint in out_of_order(template))
