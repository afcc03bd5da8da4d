"""The templates of this repository, deployed with the aws CLI as README tells people to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .running import HUB, RunningEmulator
from .sample_functions import eventually, log_lines, package
from .stack_templates import StackOf

Client = Callable[..., Any]
INFRA = Path(__file__).resolve().parents[3] / "infra"
MEMBER = "444444444444"
PARAMETERS = {
    "OrganizationId": "o-a1b2c3d4e5",
    "ProviderAccounts": f"{HUB},333333333333",
    "ProviderRegions": "eu-west-1",
}
PRINT = """
def handle(event, headers):
    for record in event['Records']:
        print('woken by', json.loads(record['body']).get('detail-type') or 'a notification', flush=True)
    return {'batchItemFailures': []}
"""


class Cli:
    """The aws CLI of this environment, acting as an account."""

    def __init__(self, emulator: RunningEmulator, account: str, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._folder = folder
        self._environment = kept | {
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it; stdout and stderr are in the result."""
        command = [str(Path(sys.executable).parent / "aws"), *arguments]
        return subprocess.run(
            command, env=self._environment, cwd=self._folder, text=True, capture_output=True, check=False
        )

    def deploy(self, template: Path, stack: str, parameters: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """`aws cloudformation deploy`."""
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        arguments = ["--template-file", str(template), "--stack-name", stack, "--capabilities", "CAPABILITY_NAMED_IAM"]
        return self("cloudformation", "deploy", *arguments, "--parameter-overrides", *overrides)


@pytest.fixture
def cli(emulator: RunningEmulator, tmp_path: Path) -> Cli:
    return Cli(emulator, HUB, tmp_path)


@pytest.fixture
def packaged(client: Client, cli: Cli, tmp_path: Path) -> Path:
    """hub.yaml after `aws cloudformation package`, with a Python function in the place of the Rust one."""
    zipped = tmp_path / "target/lambda/accept-connections/bootstrap.zip"
    zipped.parent.mkdir(parents=True)
    zipped.write_bytes(package(PRINT))
    source = tmp_path / "infra/hub.yaml"
    source.parent.mkdir()
    source.write_text((INFRA / "hub.yaml").read_text())
    client("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    output = tmp_path / "packaged.yaml"
    arguments = ["--template-file", str(source), "--s3-bucket", "artifacts", "--output-template-file", str(output)]
    done = cli("cloudformation", "package", *arguments)
    assert done.returncode == 0, done.stderr
    return output


def test_hub_is_deployed_changed_and_woken_by_its_schedule(
    client: Client, emulator: RunningEmulator, cli: Cli, packaged: Path
) -> None:
    done = cli.deploy(packaged, "drawbridge", PARAMETERS)
    stack = StackOf(client, "drawbridge")
    assert done.returncode == 0, done.stderr + stack.reasons()
    outputs = stack.outputs()
    assert outputs["TopicArn"] == f"arn:aws:sns:eu-west-1:{HUB}:drawbridge-connections"
    assert outputs["BusArn"] == f"arn:aws:events:eu-west-1:{HUB}:event-bus/drawbridge"
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["StateValue"] for alarm in alarms} == {"INSUFFICIENT_DATA"}

    emulator.control("POST", "tick", {"name": "drawbridge-sweep"})
    group = f"/aws/lambda/{outputs['FunctionName']}"
    eventually(lambda: "woken by Sweep Requested" in log_lines(client, group))
    assert emulator.control("GET", "dropped")["dropped"] == []

    done = cli.deploy(packaged, "drawbridge", {"Mode": "enforce", "LogRetentionDays": "90"})
    assert done.returncode == 0, done.stderr + stack.reasons()
    assert stack.describe()["StackStatus"] == "UPDATE_COMPLETE"
    [shown] = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert shown["retentionInDays"] == 90
    data = client("appconfigdata")
    token = data.start_configuration_session(
        ApplicationIdentifier="drawbridge",
        EnvironmentIdentifier="hub",
        ConfigurationProfileIdentifier=outputs["ConfigurationProfileId"],
    )["InitialConfigurationToken"]
    assert b'mode: "enforce"' in data.get_latest_configuration(ConfigurationToken=token)["Configuration"].read()
    assert "No changes to deploy" in cli.deploy(packaged, "drawbridge", {"Mode": "enforce"}).stderr


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"OrganizationId": "wrong"}, "must be an Organization id"),
        ({"Mode": "enforce", "ServiceSelection": "every"}, "needs AlarmTopicArn"),
        ({"Mode": "sometimes"}, "must be one of AllowedValues"),
    ],
)
def test_hub_refuses_parameters_that_its_template_forbids(
    cli: Cli, packaged: Path, parameters: dict[str, str], message: str
) -> None:
    done = cli.deploy(packaged, "drawbridge", PARAMETERS | parameters)
    assert done.returncode != 0
    assert message in done.stderr


def test_new_hub_is_deleted_again_but_for_its_log(client: Client, cli: Cli, packaged: Path) -> None:
    cli.deploy(packaged, "drawbridge", PARAMETERS)
    stack = StackOf(client, "drawbridge")
    identifier = stack.describe()["StackId"]
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons(identifier)
    assert client("sqs").list_queues().get("QueueUrls", []) == []
    assert client("lambda").list_functions()["Functions"] == []
    assert client("appconfig").list_applications()["Items"] == []
    assert len(client("logs").describe_log_groups()["logGroups"]) == 1


def test_members_calls_wake_the_hub(client: Client, emulator: RunningEmulator, cli: Cli, packaged: Path) -> None:
    organizations = client("organizations", account="111111111111")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    for account in (HUB, MEMBER):
        invited = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": account})["Handshake"]
        client("organizations", account=account).accept_handshake(HandshakeId=invited["Id"])
    cli.deploy(packaged, "drawbridge", PARAMETERS | {"OrganizationId": organization})
    member = StackOf(client, "drawbridge-member", account=MEMBER)
    parameters = {"HubAccountId": HUB, "HubRegion": "eu-west-1", "OrganizationId": organization}
    template = (INFRA / "member.yaml").read_text()
    capabilities = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
    assert member.create(template, Parameters=parameters, **capabilities) == "CREATE_COMPLETE", member.reasons()
    assert "ForwarderRoleArn" in member.outputs()

    ec2 = client("ec2", account=MEMBER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", VpcEndpointType="Gateway")
    woken = "woken by AWS API Call via CloudTrail"
    eventually(lambda: woken in log_lines(client, "/aws/lambda/drawbridge-accept-connections"))
    assert json.dumps(emulator.control("GET", "dropped")["dropped"]) == "[]"
