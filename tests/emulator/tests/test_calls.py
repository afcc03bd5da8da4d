"""The log of calls."""

from __future__ import annotations

import json

from .parties import error_of
from .running import RunningEmulator

ROLE = "arn:aws:iam::222222222222:role/drawbridge-test"


def test_call_is_logged_with_who_what_and_where(emulator: RunningEmulator) -> None:
    emulator.client("sqs", account="333333333333", region="us-east-1").create_queue(QueueName="work")
    (call,) = emulator.calls(operation="CreateQueue")
    assert call["service"] == "sqs"
    assert (call["account"], call["region"], call["role"]) == ("333333333333", "us-east-1", None)
    assert call["parameters"] == {"QueueName": "work"}
    assert call["error"] is None


def test_failed_call_is_logged_with_its_error(emulator: RunningEmulator) -> None:
    error_of(emulator.client("ec2").describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
    (call,) = emulator.calls(error="InvalidVpcID.NotFound")
    assert call["operation"] == "DescribeVpcs"


def test_call_by_role_session_is_logged_with_the_role(emulator: RunningEmulator) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}
    emulator.client("iam").create_role(
        RoleName="drawbridge-test", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    credentials = emulator.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="here")["Credentials"]
    emulator.client("ec2", credentials=credentials).describe_route_tables()
    (call,) = emulator.calls(role="drawbridge-test")
    assert call["operation"] == "DescribeRouteTables"


def test_calls_can_be_filtered_counted_and_cleared(emulator: RunningEmulator) -> None:
    ec2 = emulator.client("ec2")
    for _ in range(3):
        ec2.describe_vpcs()
    seen = emulator.calls(service="ec2", operation="DescribeVpcs")
    assert len(seen) == 3
    assert len(emulator.calls(after=str(seen[1]["seq"]))) == 1
    emulator.control("DELETE", "calls")
    assert emulator.calls() == []
    ec2.describe_vpcs()
    assert emulator.calls()[0]["seq"] > seen[-1]["seq"]


def test_large_parameters_are_left_out_of_the_log(emulator: RunningEmulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="code", Key="bootstrap.zip", Body=b"x" * 100_000)
    (call,) = emulator.calls(operation="PutObject")
    assert len(json.dumps(call)) < 10_000
