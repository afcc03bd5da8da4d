"""The real templates as stacks, by the aws CLI and the commands of infra/README.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from emulator.clients import HUB, REGION

from .local_aws import LocalAws

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
PACKAGE = ROOT / "target" / "lambda" / "accept-connections" / "bootstrap.zip"
BUCKET = "drawbridge-artifacts"
HUB_STACK = "drawbridge"
MEMBER_STACK = "drawbridge-member"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class CommandFailed(Exception):
    """The aws CLI ended with an error."""


class NotBuilt(Exception):
    """The function's package isn't there."""


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
    """Upload the function's package, and write the template that names it to `packaged`."""
    if not PACKAGE.is_file():
        raise NotBuilt(f"{PACKAGE.relative_to(ROOT)} is missing: run `make local`")
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
        _deploy(aws, HUB, packaged, HUB_STACK, parameters, "--tags", "drawbridge:owner=drawbridge")
    return outputs(aws, HUB, HUB_STACK)


def deploy_member(aws: LocalAws, account: str, **parameters: str) -> None:
    """Deploy infra/member.yaml in one account."""
    parameters = {"HubAccountId": HUB, "HubRegion": REGION, **parameters}
    _deploy(aws, account, INFRA / "member.yaml", MEMBER_STACK, parameters)


def outputs(aws: LocalAws, account: str, stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    described = aws.client("cloudformation", account).describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def _deploy(aws: LocalAws, account: str, template: Path, stack: str, parameters: dict[str, str], *options: str) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    named = ("--template-file", str(template), "--stack-name", stack, "--capabilities", "CAPABILITY_NAMED_IAM")
    aws_cli(aws, account, "cloudformation", "deploy", *named, *options, "--parameter-overrides", *overrides)
