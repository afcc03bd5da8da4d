"""The commands of infra/README.md are ones that the AWS CLI knows; its tables name what the templates have."""

import json
import re
import shlex

import botocore.session
import pytest
from awscli.customizations.cloudformation.deploy import DeployCommand
from awscli.customizations.cloudformation.package import PackageCommand
from botocore import xform_name

from infra.rendering import (
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    ORGANIZATIONS_REGION,
    Rendering,
)
from infra.template import INFRA, read

README = (INFRA / "README.md").read_text(encoding="utf-8")
HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
STACK_SET = read("stackset.yaml")
TEMPLATES = {"hub.yaml": HUB, "management.yaml": MANAGEMENT, "stackset.yaml": STACK_SET}
# Commands that the CLI makes of several operations.
COMPOSED = {("cloudformation", "deploy"): DeployCommand, ("cloudformation", "package"): PackageCommand}
GLOBAL = {"--query", "--region"}


def commands(text: str) -> list[str]:
    """Command lines of the shell blocks, continued lines joined."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.startswith("aws ")]


def faults(command: str) -> list[str]:
    """What the CLI would refuse."""
    _, service, name, *arguments = shlex.split(command)
    given = {argument for argument in arguments if argument.startswith("--")} - GLOBAL
    if (service, name) in COMPOSED:
        known = {
            f"--{argument['name']}": argument.get("required", False) for argument in COMPOSED[service, name].ARG_TABLE
        }
    else:
        # What the CLI calls s3api is botocore's s3.
        model = botocore.session.get_session().get_service_model(service.removesuffix("api"))
        operations = {xform_name(operation, "-"): operation for operation in model.operation_names}
        if name not in operations:
            return [f"no operation {service} {name}"]
        known = options(model.operation_model(operations[name]))
    required = {option for option, needed in known.items() if needed}
    negated = {option for option in required if option.replace("--", "--no-", 1) in given}
    return [f"unknown {option}" for option in sorted(given - set(known))] + [
        f"missing {option}" for option in sorted(required - given - negated)
    ]


def options(operation) -> dict[str, bool]:
    """Options of a command, and whether they have to be given."""
    shape, found = operation.input_shape, {}
    if shape is None:
        return found
    for member, kind in shape.members.items():
        option = f"--{xform_name(member, '-')}"
        found[option] = member in shape.required_members
        if kind.type_name == "boolean":
            found[option.replace("--", "--no-", 1)] = False
    return found


@pytest.mark.parametrize("command", commands(README))
def test_the_cli_knows_the_command(command):
    assert faults(command) == []


def test_there_are_commands_for_everything_an_operator_has_to_do():
    first = {tuple(command.split()[1:3]) for command in commands(README)}
    assert first >= {
        ("cloudformation", "package"),
        ("cloudformation", "deploy"),
        ("cloudformation", "delete-stack"),
        ("appconfig", "start-deployment"),
        ("lambda", "update-event-source-mapping"),
        ("lambda", "put-function-concurrency"),
        ("ec2", "accept-vpc-endpoint-connections"),
        ("ec2", "create-tags"),
        ("events", "start-replay"),
        ("logs", "describe-query-definitions"),
        ("organizations", "put-resource-policy"),
    }


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aws lambda stop-function --function-name x", ["no operation lambda stop-function"]),
        ("aws lambda put-function-concurrency --function-name x", ["missing --reserved-concurrent-executions"]),
        ("aws cloudformation deploy --stack-name x --template-file y --region-name z", ["unknown --region-name"]),
        ("aws lambda update-event-source-mapping --uuid x --disabled", ["unknown --disabled"]),
    ],
)
def test_a_command_that_the_cli_refuses_is_told(command, expected):
    assert faults(command) == expected


def undocumented(text: str) -> set[str]:
    """Parameters of the templates that the text does not name."""
    return {
        name
        for template in (HUB, MEMBER, MANAGEMENT, STACK_SET)
        for name in template["Parameters"]
        if f"`{name}`" not in text
    }


def test_every_parameter_is_in_the_readme():
    assert undocumented(README) == set()


def test_a_parameter_that_is_not_in_the_readme_is_told():
    assert undocumented(README.replace("`LogRetentionDays`", "")) == {"LogRetentionDays"}


def overridden(command: str) -> set[str]:
    """Parameters of a template that the command sets."""
    names, setting = set(), False
    for argument in shlex.split(command):
        if argument.startswith("--"):
            setting = argument in ("--parameters", "--parameter-overrides")
        elif setting:
            names.add(re.sub(r"ParameterKey=(\w+),.*|(\w+)=.*", r"\1\2", argument))
    return names


@pytest.mark.parametrize("command", commands(README))
def test_a_command_sets_parameters_that_its_template_has(command):
    template = next((template for name, template in TEMPLATES.items() if name in command), MEMBER)
    assert overridden(command) <= set(template["Parameters"])


def test_a_parameter_that_the_template_lacks_is_told():
    assert overridden("aws x y --parameter-overrides A=1 B=2,3 --z w") == {"A", "B"}
    assert overridden("aws x y --parameters ParameterKey=A,ParameterValue=1") == {"A"}
    assert not {"A"} <= set(HUB["Parameters"])


def test_the_variables_of_the_commands_are_outputs_of_the_stack():
    outputs = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() for name in HUB["Outputs"]}
    used = set(re.findall(r'"\$(\w+)"', README))
    assert used - outputs == {"BUCKET"}


def policies(text: str) -> list[dict]:
    """Policy documents that the text shows."""
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_the_statements_to_merge_are_those_of_the_template():
    parameters = MANAGEMENT_PARAMETERS | {"CreateDelegationPolicy": "yes"}
    made = Rendering(MANAGEMENT, parameters, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION).properties("DelegationPolicy")
    assert policies(README) == [made["Content"]]
    assert policies(README.replace("DrawbridgeListsMembers", "Other")) != [made["Content"]]


def unnamed_alarms(text: str) -> set[str]:
    """Alarms that the text doesn't explain, by their name or by what follows the function in it."""
    names = {alarm["AlarmName"] for alarm in Rendering(HUB, HUB_PARAMETERS).of_type("AWS::CloudWatch::Alarm").values()}
    short = re.compile(
        r"^drawbridge-(accept-connections|watch-organization|sync-dns|tag-resources|publish-alarms|sync-cloud-map|undelivered)-(.*)$"
    )

    def explained(name: str) -> bool:
        kind, rest = short.fullmatch(name).groups()
        return f"`{name}`" in text or (
            f"`…-{rest}`" in text if kind != "undelivered" else "`drawbridge-undelivered-…`" in text
        )

    return {name for name in names if not explained(name)}


def test_every_alarm_is_explained():
    assert unnamed_alarms(README) == set()
    assert unnamed_alarms(README.replace("-revocations-withheld", "")) == {
        "drawbridge-accept-connections-revocations-withheld"
    }
