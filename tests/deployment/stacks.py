"""The real templates as stacks, by the aws CLI and the commands of infra/README.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emulator.clients import HUB, REGION
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION

from .local_aws import LocalAws
from .waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
FUNCTIONS = (
    "accept-connections",
    "watch-organization",
    "sync-dns",
    "tag-resources",
    "publish-alarms",
    "sync-cloud-map",
)
PACKAGES = [ROOT / "target" / "lambda" / name / "bootstrap.zip" for name in FUNCTIONS]
BUCKET = "drawbridge-artifacts"
HUB_STACK = "drawbridge"
MEMBER_STACK = "drawbridge-member"
MANAGEMENT_STACK = "drawbridge-management"
STACK_SET_STACK = "drawbridge-member-stack-set"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# The second in which each stack was deployed last: the CLI names a change set by the second, and a name is taken once.
_deployed: dict[tuple[str, str, str], int] = {}


class CommandFailed(Exception):
    """The aws CLI ended with an error."""


class NotBuilt(Exception):
    """A function's package isn't there."""


def aws_cli(aws: LocalAws, account: str, *arguments: str) -> str:
    """What `aws …` prints, acting as `account`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *arguments],
        env={**inherited, **aws.environment(account), "AWS_CONFIG_FILE": os.devnull, "AWS_PAGER": ""},
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise CommandFailed(f"aws {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}".strip())
    return done.stdout


def upload_hub(aws: LocalAws, packaged: Path) -> None:
    """Upload the functions' packages, and write the template that names them to `packaged`."""
    missing = [str(package.relative_to(ROOT)) for package in PACKAGES if not package.is_file()]
    if missing:
        raise NotBuilt(f"{' and '.join(missing)} missing: run `make local`")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    template, target = str(INFRA / "hub.yaml"), str(packaged)
    package = ("cloudformation", "package", "--template-file", template, "--s3-bucket", BUCKET)
    aws_cli(aws, HUB, *package, "--output-template-file", target)


def deploy_hub(aws: LocalAws, **parameters: str) -> dict[str, str]:
    """Deploy infra/hub.yaml in the hub account; the outputs of the stack."""
    with tempfile.TemporaryDirectory(prefix="drawbridge-") as folder:
        packaged = Path(folder) / "hub.yaml"
        upload_hub(aws, packaged)
        parameters = {"Architecture": ARCHITECTURES[platform.machine().lower()], **parameters}
        tags = ("--tags", "drawbridge:owner=drawbridge")
        _deploy(aws, HUB, packaged, HUB_STACK, parameters, "--s3-bucket", BUCKET, *tags)
    return outputs(aws, HUB, HUB_STACK)


def deploy_member(aws: LocalAws, account: str, region: str = REGION, **parameters: str) -> None:
    """Deploy infra/member.yaml in one account and Region."""
    parameters = {"HubAccountId": HUB, "HubRegion": REGION, **parameters}
    bucket = f"{BUCKET}-{account}-{region}"
    s3 = aws.client("s3", account)
    if bucket not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    options = ("--region", region, "--s3-bucket", bucket)
    _deploy(aws, account, INFRA / "member.yaml", MEMBER_STACK, parameters, *options)


def deploy_management(aws: LocalAws, **parameters: str) -> None:
    """Deploy infra/management.yaml in the management account, where Organizations tells of its changes."""
    parameters = {"HubAccountId": HUB, "HubRegion": REGION, **parameters}
    region = ("--region", ORGANIZATIONS_REGION)
    _deploy(aws, MANAGEMENT, INFRA / "management.yaml", MANAGEMENT_STACK, parameters, *region)


def deploy_stack_set(aws: LocalAws, units: str, regions: str, **parameters: str) -> None:
    """Deploy infra/stackset.yaml in the management account: infra/member.yaml in all accounts of the units."""
    bucket = f"{BUCKET}-{MANAGEMENT}"
    s3 = aws.client("s3", MANAGEMENT)
    if bucket not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="drawbridge-member.yaml", Body=(INFRA / "member.yaml").read_bytes())
    aws.client("cloudformation", MANAGEMENT).activate_organizations_access()
    places = {"OrganizationalUnits": units, "Regions": regions}
    template = {"TemplateUrl": f"https://{bucket}.s3.amazonaws.com/drawbridge-member.yaml"}
    parameters = {"HubAccountId": HUB, "HubRegion": REGION, **template, **places, **parameters}
    _deploy(aws, MANAGEMENT, INFRA / "stackset.yaml", STACK_SET_STACK, parameters)


def outputs(aws: LocalAws, account: str, stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    described = aws.client("cloudformation", account).describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def _deploy(aws: LocalAws, account: str, template: Path, stack: str, parameters: dict[str, str], *options: str) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    named = ("--template-file", str(template), "--stack-name", stack, "--capabilities", "CAPABILITY_NAMED_IAM")
    key = (aws.url, account, stack)
    wait_until(f"{stack} has a change set name to take", lambda: int(time.time()) != _deployed.get(key))
    try:
        aws_cli(aws, account, "cloudformation", "deploy", *named, *options, "--parameter-overrides", *overrides)
    except CommandFailed as failure:
        raise CommandFailed("\n".join([str(failure), *_reasons(aws, account, stack, options)])) from failure
    finally:
        _deployed[key] = int(time.time())


def _reasons(aws: LocalAws, account: str, stack: str, options: tuple[str, ...]) -> list[str]:
    """Why a stack was not made, as its events say."""
    query = "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]"
    region = options[: 2 * (options[:1] == ("--region",))]
    events = ("cloudformation", "describe-stack-events", "--stack-name", stack, "--query", query, "--output", "text")
    return aws_cli(aws, account, *events, *region).splitlines()
