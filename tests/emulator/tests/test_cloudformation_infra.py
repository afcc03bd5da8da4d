"""The templates of this repository, deployed with the aws CLI as README tells people to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .organization import MANAGEMENT, MEMBER, Organization
from .running import HUB, RunningEmulator
from .sample_functions import eventually, log_lines, package
from .stack_templates import StackOf

Client = Callable[..., Any]
INFRA = Path(__file__).resolve().parents[3] / "infra"
CAPABILITIES = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
PARAMETERS = {
    "OrganizationId": "o-a1b2c3d4e5",
    "ManagementAccountId": MANAGEMENT,
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
        self._deployed = 0
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
        arguments = ["--template-file", str(template), "--stack-name", stack, "--s3-bucket", "artifacts"]
        arguments += ["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", *overrides]
        while int(time.time()) == self._deployed:  # it names the change set by the second, and a name is taken once
            time.sleep(0.1)
        done = self("cloudformation", "deploy", *arguments)
        self._deployed = int(time.time())
        return done


@pytest.fixture
def cli(emulator: RunningEmulator, tmp_path: Path) -> Cli:
    return Cli(emulator, HUB, tmp_path)


@pytest.fixture
def packaged(client: Client, cli: Cli, tmp_path: Path) -> Path:
    """hub.yaml after `aws cloudformation package`, with a Python function in the place of each Rust one."""
    source = tmp_path / "infra/hub.yaml"
    source.parent.mkdir()
    source.write_text((INFRA / "hub.yaml").read_text())
    zips = re.findall(r"Code: (\.\./target/lambda/\S+\.zip)", source.read_text())
    assert zips
    for name in zips:
        zipped = source.parent / name
        zipped.parent.mkdir(parents=True)
        zipped.write_bytes(package(PRINT))
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
    groups = {group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]}
    functions = ("accept-connections", "publish-alarms", "sync-cloud-map", "sync-dns", "tag-resources")
    assert groups == {f"/aws/lambda/drawbridge-{name}" for name in (*functions, "watch-organization")}


def test_members_calls_wake_the_hub(
    client: Client, organization: Organization, emulator: RunningEmulator, cli: Cli, packaged: Path
) -> None:
    cli.deploy(packaged, "drawbridge", PARAMETERS | {"OrganizationId": organization.id})
    member = StackOf(client, "drawbridge-member", account=MEMBER)
    parameters = {"HubAccountId": HUB, "HubRegion": "eu-west-1", "OrganizationId": organization.id}
    template = (INFRA / "member.yaml").read_text()
    assert member.create(template, Parameters=parameters, **CAPABILITIES) == "CREATE_COMPLETE", member.reasons()
    assert "ForwarderRoleArn" in member.outputs()

    ec2 = client("ec2", account=MEMBER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", VpcEndpointType="Gateway")
    woken = "woken by AWS API Call via CloudTrail"
    eventually(lambda: woken in log_lines(client, "/aws/lambda/drawbridge-accept-connections"))
    assert json.dumps(emulator.control("GET", "dropped")["dropped"]) == "[]"


def test_changes_of_the_organization_wake_the_hub(
    client: Client, organization: Organization, emulator: RunningEmulator, cli: Cli, packaged: Path
) -> None:
    cli.deploy(packaged, "drawbridge", PARAMETERS | {"OrganizationId": organization.id})
    management = StackOf(client, "drawbridge-management", account=MANAGEMENT, region="us-east-1")
    parameters = {
        "HubAccountId": HUB,
        "HubRegion": "eu-west-1",
        "OrganizationId": organization.id,
        "CreateDelegationPolicy": "yes",
    }
    template = (INFRA / "management.yaml").read_text()
    made = management.create(template, Parameters=parameters, **CAPABILITIES)
    assert made == "CREATE_COMPLETE", management.reasons()
    hub = organization.client(HUB)
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Id"] == MEMBER
    assert len(hub.list_accounts()["Accounts"]) == 3
    assert hub.list_tags_for_resource(ResourceId=MEMBER)["Tags"] == []

    group = "/aws/lambda/drawbridge-watch-organization"
    organization.move(MEMBER, organization.add_unit("workloads"))
    eventually(lambda: log_lines(client, group).count("woken by AWS API Call via CloudTrail") == 2)
    organization.client(MEMBER).leave_organization()
    eventually(lambda: "woken by AWS Service Event via CloudTrail" in log_lines(client, group))
    assert json.dumps(emulator.control("GET", "dropped")["dropped"]) == "[]"
    assert management.delete() == "DELETE_COMPLETE", management.reasons()
