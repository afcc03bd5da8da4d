"""What roles call, and what is asked of their policies, is written down, once each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ..recording import Recording
from .running import RunningEmulator, start_emulator
from .test_authorization import ROLE, allow, as_role

SESSION = {"aws:userid": "AROA:sync-dns"}


def lines(file: Path) -> list[dict[str, object]]:
    """What stands in a file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_thing_is_written_once_and_those_of_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"of": "another process"}\n', encoding="utf-8")
    recording = Recording()
    recording.asked(ROLE, SESSION, "ec2:DescribeVpcs", allowed=True)
    assert len(lines(file)) == 1
    recording.begin(file)
    for _ in range(3):
        recording.asked(ROLE, SESSION, "ec2:DescribeVpcs", allowed=True)
    recording.asked(ROLE, SESSION, "ec2:DescribeVpcs", allowed=False)
    recording.asked(ROLE, None, "ec2:DescribeVpcs", allowed=True)
    written = lines(file)[1:]
    assert [(line["session"], line["allowed"]) for line in written] == [
        ("sync-dns", True),
        ("sync-dns", False),
        ("", True),
    ]
    assert {(line["role"], line["asked"]) for line in written} == {(ROLE, "ec2:DescribeVpcs")}


def test_calls_of_roles_are_written_with_what_was_asked_for_them_and_a_reset_forgets_none(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    process, url = start_emulator("--record", str(file))
    try:
        emulator = RunningEmulator(url)
        ec2 = as_role(emulator, "ec2", allow("ec2:DescribeVpcEndpoints"))
        ec2.describe_vpc_endpoints()
        with pytest.raises(ClientError):
            ec2.describe_subnets()
        emulator.control("POST", "reset")
        emulator.client("ec2").describe_vpcs()
    finally:
        process.terminate()
        process.wait(timeout=60)
    written = [{key: value for key, value in line.items() if key not in ("role", "session")} for line in lines(file)]
    assert written == [
        {"called": "ec2:DescribeVpcEndpoints"},
        {"asked": "ec2:DescribeVpcEndpoints", "allowed": True},
        {"called": "ec2:DescribeSubnets"},
        {"asked": "ec2:DescribeSubnets", "allowed": False},
    ]
    assert {(line["role"], line["session"]) for line in lines(file)} == {(ROLE, "event-1")}
