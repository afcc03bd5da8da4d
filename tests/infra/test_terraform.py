"""infra/terraform makes the same stack set as infra/stackset.yaml; as far as can be told without its provider."""

import re
from typing import Any

import hcl2
import pytest

from infra.template import INFRA, at, read

STACK_SET, MEMBER = read("stackset.yaml"), read("member.yaml")
TEXTS = {name: (INFRA / "terraform" / name).read_text(encoding="utf-8") for name in ("main.tf", "variables.tf")}


def blocks(text: str, kind: str) -> dict[str, dict[str, Any]]:
    """The blocks of a kind by their last label."""
    found = {}
    for block in hcl2.loads(text).get(kind, []):
        while len(block) == 1 or (len(block) == 2 and "__is_block__" in block and '"' in next(iter(block))):
            label, block = next(iter(block.items()))
        found[label.strip('"')] = block
    return found


def resource(kind: str) -> dict[str, Any]:
    """The one resource of a kind."""
    [found] = [block[f'"{kind}"'] for block in hcl2.loads(TEXTS["main.tf"])["resource"] if f'"{kind}"' in block]
    return found['"members"']


def member_parameters(text: str) -> dict[str, str | None]:
    """Names and defaults of the parameters that are passed on."""
    kind = blocks(text, "variable")["member"]["type"]
    found = re.findall(r'(\w+) = (?:string|optional\(string, "([^"]*)"\))', kind)
    required = set(re.findall(r"(\w+) = string", kind))
    return {name: None if name in required else default for name, default in found}


def expected() -> dict[str, str | None]:
    """The same of member.yaml."""
    return {name: declaration.get("Default") for name, declaration in MEMBER["Parameters"].items()}


def test_the_parameters_are_those_of_a_member():
    assert member_parameters(TEXTS["variables.tf"]) == expected()
    assert resource("aws_cloudformation_stack_set")["parameters"] == "${var.member}"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("    WriteTags ", "    WriteTag "), ('optional(string, "tagged")', 'optional(string, "every")')],
)
def test_a_parameter_that_differs_is_told(right, wrong):
    text = TEXTS["variables.tf"]
    assert right in text
    assert member_parameters(text.replace(right, wrong)) != expected()


def test_it_is_the_stack_set_of_the_template():
    made, template = resource("aws_cloudformation_stack_set"), at(STACK_SET, "Resources/Members/Properties")
    assert made["permission_model"] == f'"{template["PermissionModel"]}"'
    assert made["capabilities"] == [f'"{name}"' for name in template["Capabilities"]]
    assert made["description"] == f'"{template["Description"]}"'
    [automatic] = made["auto_deployment"]
    assert automatic["enabled"] is template["AutoDeployment"]["Enabled"] is True
    assert automatic["retain_stacks_on_account_removal"] == "${var.retain_stacks_on_account_removal}"
    instances = resource("aws_cloudformation_stack_set_instance")
    assert instances["for_each"] == "${toset(var.regions)}"
    assert instances["deployment_targets"][0]["organizational_unit_ids"] == "${var.organizational_units}"


def test_its_variables_are_all_used_and_all_declared():
    used = set(re.findall(r"\bvar\.(\w+)", TEXTS["main.tf"]))
    declared = blocks(TEXTS["variables.tf"], "variable")
    assert used == set(declared)
    assert all("description" in block and "type" in block for block in declared.values())


def test_its_defaults_are_those_of_the_template():
    declared = blocks(TEXTS["variables.tf"], "variable")
    assert declared["name"]["default"] == f'"{STACK_SET["Parameters"]["StackSetName"]["Default"]}"'
    assert declared["call_as"]["default"] == f'"{STACK_SET["Parameters"]["CallAs"]["Default"]}"'
    assert declared["retain_stacks_on_account_removal"]["default"] is False
    tolerance = STACK_SET["Parameters"]["FailureTolerancePercentage"]["Default"]
    assert declared["failure_tolerance_percentage"]["default"] == tolerance
