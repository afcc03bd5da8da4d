"""Tag policies become one on the way from the root to an account: the examples of AWS's guide, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from ..identity.policy_inheritance import BeyondUs, Unreadable, check, effective

CONTROL = "@@operators_allowed_for_child_policies"
COST_CENTRE = {"tag_key": {"@@assign": "CostCenter"}, "tag_value": {"@@assign": ["Development", "Support"]}}


def policy(key: str = "costcenter", **settings: Any) -> dict[str, Any]:
    return {"tags": {key: settings}}


def values(*levels: list[dict[str, Any]], key: str = "costcenter") -> Any:
    return effective(levels).get("tags", {}).get(key, {}).get("tag_value")


ROOT = policy(**COST_CENTRE)


def test_effective_policy_has_no_operators() -> None:
    merged = effective([[ROOT]])
    assert merged == {"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Development", "Support"]}}}


def test_lower_level_overwrites_and_adds_settings() -> None:
    unit = policy(tag_value={"@@assign": ["Sandbox"]}, enforced_for={"@@assign": ["dynamodb:table"]})
    assert effective([[ROOT], [unit], []])["tags"]["costcenter"] == {
        "tag_key": "CostCenter",
        "tag_value": ["Sandbox"],
        "enforced_for": ["dynamodb:table"],
    }


def test_lower_level_appends_what_is_not_there_yet() -> None:
    unit = policy(tag_value={"@@append": ["Marketing", "Support"]}, enforced_for={"@@append": ["ec2:vpc"]})
    merged = effective([[ROOT], [unit]])["tags"]["costcenter"]
    assert merged["tag_value"] == ["Development", "Support", "Marketing"]
    assert merged["enforced_for"] == ["ec2:vpc"]


def test_lower_level_removes_values_and_a_setting_without_values_is_gone() -> None:
    unit = policy(tag_value={"@@append": ["Marketing"]}, enforced_for={"@@append": ["ec2:vpc"]})
    account = policy(tag_value={"@@remove": ["Development", "Marketing"]}, enforced_for={"@@remove": ["ec2:vpc"]})
    merged = effective([[ROOT], [unit], [account]])["tags"]["costcenter"]
    assert merged == {"tag_key": "CostCenter", "tag_value": ["Support"]}


def test_upper_level_limits_the_operators_of_all_levels_below() -> None:
    root = policy(
        "project",
        tag_key={CONTROL: ["@@none"], "@@assign": "Project"},
        tag_value={CONTROL: ["@@append"], "@@assign": ["Maintenance"]},
    )
    unit = policy(
        "project",
        tag_key={"@@assign": "PROJECT"},
        tag_value={CONTROL: ["@@all"], "@@append": ["Escalations"]},
    )
    account = policy("project", tag_value={"@@assign": ["Anything"]})
    merged = effective([[root], [unit], [account]])["tags"]["project"]
    assert merged == {"tag_key": "Project", "tag_value": ["Maintenance", "Escalations"]}


def test_on_one_level_the_intersection_of_the_limits_counts() -> None:
    first = policy(tag_value={CONTROL: ["@@append"], "@@assign": ["Maintenance"]})
    second = policy(tag_value={CONTROL: ["@@append", "@@remove"]})
    assert values([first, second], [policy(tag_value={"@@remove": ["Maintenance"]})]) == ["Maintenance"]
    assert values([first, second], [policy(tag_value={"@@append": ["Other"]})]) == ["Maintenance", "Other"]


def test_on_one_level_the_policy_attached_first_assigns() -> None:
    first = policy("project", tag_key={"@@assign": "PROJECT"}, tag_value={"@@append": ["Maintenance"]})
    second = policy("project", tag_key={"@@assign": "project"})
    assert effective([[first, second]])["tags"]["project"] == {"tag_key": "PROJECT", "tag_value": ["Maintenance"]}
    assert effective([[second, first]])["tags"]["project"]["tag_key"] == "project"


def test_policy_keys_have_no_case() -> None:
    assert values([ROOT], [policy("CostCenter", tag_value={"@@assign": ["Sandbox"]})]) == ["Sandbox"]


@pytest.mark.parametrize("levels", [[], [[], []], [[policy(tag_value={"@@remove": ["a"]})]], [[{"tags": {}}]]])
def test_nothing_is_effective_without_settings(levels: Any) -> None:
    assert effective(levels) == {}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ([], Unreadable),
        ({"tags": []}, Unreadable),
        ({"Statement": []}, Unreadable),
        (policy(tag_value=["a"]), Unreadable),
        (policy(tag_value={"assign": ["a"]}), Unreadable),
        (policy(tag_value={"@@append": "a"}), Unreadable),
        ({"tags": {CONTROL: ["@@none"]}}, BeyondUs),
        (policy(**{CONTROL: ["@@none"]}), BeyondUs),
        (policy(tag_value={"@@append": ["a"], "@@remove": ["b"]}), BeyondUs),
    ],
)
def test_unreadable_policy_is_refused(content: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        check(content)
