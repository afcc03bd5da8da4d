"""The scripts of infra/scripts: what they show, change, keep on an upgrade, and leave behind."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployment import scripts, stacks
from deployment.drawbridge import Drawbridge
from deployment.local_aws import LocalAws, local_aws
from emulator import organization_sample
from emulator.clients import HUB, REGION
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, Sample

BUCKET = "drawbridge-releases"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with local_aws() as aws:
        yield aws


@pytest.fixture
def sample(aws: LocalAws) -> Sample:
    sample = organization_sample.build(aws.url)
    place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    aws.client("s3").create_bucket(Bucket=BUCKET, **place)
    aws.client("s3", MANAGEMENT).create_bucket(Bucket=f"{BUCKET}-{MANAGEMENT}", **place)
    return sample


@pytest.fixture
def run(aws: LocalAws, tmp_path: Path) -> Run:
    """Runs a script as the hub, and demands that it succeeds unless told what it ends with."""

    def run(script: str, ends: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
        done = scripts.run(script, aws, tmp_path / "out", **{"BUCKET": BUCKET, **settings})
        assert done.returncode == ends, done.stdout + done.stderr
        return done

    return run


def hub_parameters(sample: Sample, folder: Path, **parameters: str) -> str:
    """A file with the parameters of the hub."""
    return scripts.write_parameters(
        folder / "hub.parameters",
        OrganizationId=sample.organization_id,
        ManagementAccountId=MANAGEMENT,
        ProviderAccounts=HUB,
        ProviderRegions=REGION,
        Architecture=stacks.ARCHITECTURES[platform.machine().lower()],
        **parameters,
    )


def test_hub_is_shown_made_upgraded_and_taken_away(aws: LocalAws, sample: Sample, run: Run, tmp_path: Path) -> None:
    cloudformation, logs = aws.client("cloudformation"), aws.client("logs")
    before = inventory(aws)
    parameters = hub_parameters(sample, tmp_path, Mode="enforce")

    # Shown, and nothing made.
    shown = run("deploy", PARAMETERS=parameters, ONLY_SHOW="1").stdout
    assert "Add\tFunction\tAWS::Lambda::Function" in shown
    assert cloudformation.describe_stacks()["Stacks"] == []

    # Nobody says yes.
    refused = run("deploy", ends=1, PARAMETERS=parameters)
    assert "Left as it is" in refused.stderr
    assert inventory(aws) == before

    made = run("deploy", PARAMETERS=parameters, YES="1").stdout
    outputs = dict(line.split("\t") for line in made.splitlines() if line.count("\t") == 1)
    drawbridge = Drawbridge(aws, sample, outputs)
    endpoint = drawbridge.request_connection(organization_sample.WORKLOADS_MEMBER, sample.services["orders"])
    drawbridge.notify_of(sample.services["orders"])
    drawbridge.sweep()
    drawbridge.await_state(organization_sample.WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.configuration.deploy(drawbridge.configuration.in_mode("observe"))

    # The same again is no change.
    assert "nothing to change" in run("deploy", PARAMETERS=parameters, YES="1").stderr

    # An upgrade: other code, one parameter. What isn't named keeps its value, what was decided stays.
    other = hub_parameters(sample, tmp_path, HeldRequestHours="48")
    zips = altered_zips(tmp_path)
    shown = run("deploy", PARAMETERS=other, ZIPS=str(zips), ONLY_SHOW="1").stdout
    changed = {line.split("\t")[1] for line in shown.splitlines()}
    assert {"WatchFunction", "RequestsHeldAlarm"} <= changed
    assert not {"Function", "Queue", "ConfigurationVersion", "Configuration"} & changed
    run("deploy", PARAMETERS=other, ZIPS=str(zips), YES="1")
    stack = cloudformation.describe_stacks(StackName="drawbridge")["Stacks"][0]
    values = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    assert (values["Mode"], values["HeldRequestHours"]) == ("enforce", "48")
    assert stacks.outputs(aws, HUB, "drawbridge") == outputs
    assert drawbridge.tags_of(sample.services["orders"], endpoint)["drawbridge:decision"] == "accept"
    versions = aws.client("appconfig").list_hosted_configuration_versions(
        ApplicationId=outputs["ApplicationId"], ConfigurationProfileId=outputs["ConfigurationProfileId"]
    )
    assert len(versions["Items"]) == 2
    assert logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/drawbridge-accept")["logGroups"]

    # Taken away: neither a resource nor a tag is left, but for the connection itself.
    run("destroy", YES="1")
    assert inventory(aws) == before
    left = drawbridge.tags_of(sample.services["orders"], endpoint)
    assert [key for key in left if key.startswith("drawbridge:")] == []
    assert drawbridge.state_of(organization_sample.WORKLOADS_MEMBER, endpoint) == "available"


def test_what_drawbridge_made_is_taken_away_first_or_kept(
    aws: LocalAws, sample: Sample, run: Run, tmp_path: Path
) -> None:
    run("deploy", PARAMETERS=hub_parameters(sample, tmp_path), YES="1")
    alarm = {"AlarmName": "drawbridge/vpce-1", "MetricName": "BytesProcessed", "Namespace": "AWS/PrivateLinkEndpoints"}
    aws.client("cloudwatch").put_metric_alarm(
        **alarm,
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Sum",
        Threshold=1,
        Tags=[{"Key": "drawbridge:owner", "Value": "drawbridge"}],
    )
    refused = run("destroy", ends=1, YES="1")
    assert "alarm\tdrawbridge/vpce-1" in refused.stdout
    assert "alarms: {endpoints: remove, services: remove}" in refused.stderr
    assert aws.client("cloudformation").describe_stacks(StackName="drawbridge")["Stacks"]
    run("destroy", KEEP="1", KEEP_LOGS="1", YES="1")
    assert aws.client("cloudformation").describe_stacks()["Stacks"] == []
    assert aws.client("cloudwatch").describe_alarms(AlarmNames=["drawbridge/vpce-1"])["MetricAlarms"]
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/drawbridge-")["logGroups"]


def test_management_account_and_stack_set(aws: LocalAws, sample: Sample, run: Run, tmp_path: Path) -> None:
    there = {"BUCKET": f"{BUCKET}-{MANAGEMENT}", "account": MANAGEMENT, "YES": "1"}
    hub = {"HubAccountId": HUB, "HubRegion": REGION, "OrganizationId": sample.organization_id}
    file = scripts.write_parameters(tmp_path / "management.parameters", **hub)
    run("deploy", PART="management", PARAMETERS=file, region=ORGANIZATIONS_REGION, **there)
    aws.client("cloudformation", MANAGEMENT).activate_organizations_access()
    units = {"OrganizationalUnits": sample.units["sandbox"], "Regions": REGION}
    file = scripts.write_parameters(tmp_path / "stackset.parameters", **hub, **units)
    run("deploy", PART="stackset", PARAMETERS=file, **there)
    member = aws.client("cloudformation", organization_sample.SANDBOX_MEMBER)
    # An empty rule of its own: the hub's Region needs the forwarding of a member, too.
    assert [stack["StackStatus"] for stack in member.describe_stacks()["Stacks"]] == ["CREATE_COMPLETE"]
    assert "nothing to change" in run("deploy", PART="stackset", PARAMETERS=file, **there).stderr
    run("destroy", PART="stackset", **there)
    run("destroy", PART="management", region=ORGANIZATIONS_REGION, **there)
    assert member.describe_stacks()["Stacks"] == []


def altered_zips(folder: Path) -> Path:
    """The functions' zips, of which one has other code."""
    zips = folder / "zips"
    for package in stacks.PACKAGES:
        copied = zips / package.parent.name
        copied.mkdir(parents=True)
        (copied / "bootstrap.zip").symlink_to(package)
    altered = zips / "watch-organization"
    subprocess.run(["unzip", "-q", altered / "bootstrap.zip", "-d", altered], check=True)
    with (altered / "bootstrap").open("ab") as code:
        code.write(b"another version")
    (altered / "bootstrap.zip").unlink()
    subprocess.run(["zip", "-q", "-1", "bootstrap.zip", "bootstrap"], check=True, cwd=altered)
    return zips


def inventory(aws: LocalAws) -> dict[str, list[str]]:
    """What of Drawbridge's is in the hub."""
    of = aws.client
    return {
        "stacks": [stack["StackName"] for stack in of("cloudformation").describe_stacks()["Stacks"]],
        "roles": [role["RoleName"] for role in of("iam").list_roles()["Roles"]],
        "queues": of("sqs").list_queues().get("QueueUrls", []),
        "topics": [topic["TopicArn"] for topic in of("sns").list_topics()["Topics"]],
        "buses": [bus["Name"] for bus in of("events").list_event_buses()["EventBuses"]],
        "rules": [rule["Name"] for rule in of("events").list_rules()["Rules"]],
        "functions": [function["FunctionName"] for function in of("lambda").list_functions()["Functions"]],
        "alarms": [alarm["AlarmName"] for alarm in of("cloudwatch").describe_alarms()["MetricAlarms"]],
        "log groups": [group["logGroupName"] for group in of("logs").describe_log_groups()["logGroups"]],
        "applications": [one["Name"] for one in of("appconfig").list_applications()["Items"]],
        "schedules": [one["Name"] for one in of("scheduler").list_schedules()["Schedules"]],
    }
