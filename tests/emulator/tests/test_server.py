"""The server: who is let in, what isn't there, and how it starts and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from .. import hooks
from ..clients import ControlRefused
from ..hooks import Hooks, MissingHook
from .parties import error_of
from .running import TESTS, RunningEmulator


def test_access_key_of_twelve_digits_acts_as_that_account(emulator: RunningEmulator) -> None:
    identity = emulator.client("sts", account="333333333333").get_caller_identity()
    assert identity["Account"] == "333333333333"
    assert identity["Arn"] == "arn:aws:iam::333333333333:root"


def test_accounts_and_regions_are_apart(emulator: RunningEmulator) -> None:
    emulator.client("sqs", account="222222222222").create_queue(QueueName="work")
    assert "QueueUrls" not in emulator.client("sqs", account="333333333333").list_queues()
    assert "QueueUrls" not in emulator.client("sqs", account="222222222222", region="us-east-1").list_queues()


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("organizations", "list_accounts", "UnrecognizedClientException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
    ],
)
def test_unknown_access_key_is_refused(emulator: RunningEmulator, service: str, operation: str, code: str) -> None:
    client = emulator.client(service, account="AKIAIOSFODNN7EXAMPLE")
    assert error_of(getattr(client, operation)) == code


def test_unsigned_call_is_refused(emulator: RunningEmulator) -> None:
    form = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::222222222222:role/a"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(emulator.url, data=form))


def test_access_key_of_iam_user_acts_as_that_user(emulator: RunningEmulator) -> None:
    iam = emulator.client("iam", account="333333333333")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    identity = emulator.client("sts", account=key).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == ("333333333333", "arn:aws:iam::333333333333:user/ada")


def test_operation_that_nobody_has_built_is_refused_by_name(emulator: RunningEmulator) -> None:
    assert error_of(emulator.client("ec2").describe_vpc_endpoint_associations) == "NotImplemented"
    assert error_of(emulator.client("codebuild").list_sandboxes) == "NotImplemented"


def test_reset_forgets_everything(emulator: RunningEmulator) -> None:
    emulator.client("sqs").create_queue(QueueName="work")
    emulator.client("organizations", account="111111111111").create_organization()
    emulator.control("POST", "reset")
    assert emulator.calls() == []
    assert "QueueUrls" not in emulator.client("sqs").list_queues()
    organizations = emulator.client("organizations", account="111111111111")
    assert error_of(organizations.describe_organization) == "AWSOrganizationsNotInUseException"


def test_control_api_lists_its_routes_and_refuses_others(emulator: RunningEmulator) -> None:
    assert "GET /_emulator/calls" in emulator.control("GET", "")["routes"]
    with pytest.raises(ControlRefused, match="404"):
        emulator.control("GET", "nothing-there")


def test_control_api_refuses_unknown_members(emulator: RunningEmulator) -> None:
    with pytest.raises(ControlRefused, match="unknown members"):
        emulator.control("POST", "settings", {"state_delay": 5})


def test_settings_are_checked_and_come_back_with_a_reset(emulator: RunningEmulator) -> None:
    with pytest.raises(ControlRefused, match="state_delay_ms can't be -1"):
        emulator.control("POST", "settings", {"state_delay_ms": -1})
    assert emulator.control("POST", "settings", {"state_delay_ms": 7})["state_delay_ms"]["value"] == 7
    emulator.control("POST", "reset")
    assert emulator.control("GET", "settings")["state_delay_ms"]["value"] == 0


def test_hook_on_something_gone_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingHook, match="ec2 has no operation AcceptEverything"):
        Hooks().operation("ec2", "AcceptEverything", lambda call: None)
    with pytest.raises(MissingHook, match=r"Path\.fly_away"):
        Hooks().wrap(Path, "fly_away", lambda original: None)
    monkeypatch.setattr(hooks, "version", lambda _: "5.2.6")
    with pytest.raises(MissingHook, match=r"extends moto 5\.2\.5, but moto 5\.2\.6"):
        Hooks()


def test_emulator_says_how_to_use_it_and_ends_on_sigterm() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("ready "):
            break
    assert any("AWS_ENDPOINT_URL=http://127.0.0.1:" in line for line in lines)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_emulator_ends_with_its_parent() -> None:
    parent = textwrap.dedent("""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-m", "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True)
        next(line for line in child.stdout if line.startswith("ready "))
        print(child.pid, flush=True)
    """)
    finished = subprocess.run(
        [sys.executable, "-c", parent],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    child = int(finished.stdout)
    for _ in range(200):
        if _has_ended(child):
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError(f"process {child} goes on")


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
