"""EventBridge's event patterns, by the examples and rules of its user guide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.event_patterns import InvalidPattern, matches, parse

EVENT = {
    "source": "aws.ec2",
    "account": "111122223333",
    "detail": {
        "state": "running",
        "count": 5,
        "ratio": 0.5,
        "flag": True,
        "nothing": None,
        "empty": [],
        "address": "10.0.0.24",
        "file": "a/b/image.PNG",
        "tags": ["red", "blue"],
        "object": {"inner": "x"},
        "people": [{"name": "ann", "role": "dev"}, {"name": "bob", "role": "ops"}],
    },
}


def detail(**pattern: Any) -> dict[str, Any]:
    return {"detail": pattern}


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ec2"]},
        {"source": ["aws.s3", "aws.ec2"], "account": ["111122223333"]},
        detail(state=["running"]),
        detail(count=[5]),
        detail(count=[5.0]),
        detail(flag=[True]),
        detail(nothing=[None]),
        detail(tags=["blue"]),
        detail(state=[{"prefix": "run"}]),
        detail(file=[{"suffix": ".PNG"}]),
        detail(file=[{"suffix": {"equals-ignore-case": ".png"}}]),
        detail(state=[{"equals-ignore-case": "RUNNING"}]),
        detail(state=[{"anything-but": "stopped"}]),
        detail(state=[{"anything-but": ["stopped", "pending"]}]),
        detail(state=[{"anything-but": {"prefix": "stop"}}]),
        detail(state=[{"anything-but": {"prefix": ["stop", "pend"]}}]),
        detail(count=[{"anything-but": [1, 2]}]),
        detail(count=[{"numeric": [">", 0, "<=", 5]}]),
        detail(address=[{"cidr": "10.0.0.0/24"}]),
        detail(file=[{"wildcard": "a/*/image.*"}]),
        detail(absent=[{"exists": False}]),
        detail(empty=[{"exists": False}]),
        detail(object=[{"exists": False}]),
        detail(state=[{"exists": True}]),
        detail(absent=[{"exists": False}, "x"]),
        detail(people={"name": ["ann"], "role": ["dev"]}),
        {"$or": [{"source": ["aws.s3"]}, {"account": ["111122223333"]}]},
        detail(**{"$or": [{"state": ["stopped"]}, {"count": [{"numeric": ["=", 5]}]}]}),
    ],
    ids=json.dumps,
)
def test_pattern_takes_the_event(pattern: dict[str, Any]) -> None:
    assert matches(parse(json.dumps(pattern)), EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.s3"]},
        detail(state=["RUNNING"]),
        detail(count=["5"]),
        detail(flag=["true"]),
        detail(flag=[1]),
        detail(nothing=["null"]),
        detail(tags=["green"]),
        detail(absent=[{"anything-but": "x"}]),
        detail(absent={"deeper": ["x"]}),
        detail(state=[{"anything-but": {"prefix": "run"}}]),
        detail(count=[{"numeric": ["<", 5]}]),
        detail(state=[{"numeric": ["=", 5]}]),
        detail(address=[{"cidr": "10.0.1.0/24"}]),
        detail(file=[{"wildcard": "a/*.jpg"}]),
        detail(state=[{"exists": False}]),
        detail(empty=[{"exists": True}]),
        detail(object=[{"exists": True}]),
        detail(people={"name": ["ann"], "role": ["ops"]}),
        detail(people={"name": [{"exists": False}]}),
        detail(**{"$or": [{"state": ["stopped"]}, {"count": [6]}]}),
    ],
    ids=json.dumps,
)
def test_pattern_leaves_the_event(pattern: dict[str, Any]) -> None:
    assert not matches(parse(json.dumps(pattern)), EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        "[]",
        "not json",
        "{}",
        '{"source": "aws.ec2"}',
        '{"source": []}',
        '{"source": [["aws.ec2"]]}',
        '{"detail": {}}',
        '{"source": [{"starts-with": "aws"}]}',
        '{"source": [{"prefix": "a", "suffix": "b"}]}',
        '{"count": [{"numeric": ["~", 5]}]}',
        '{"source": [{"exists": "no"}]}',
        '{"$or": [{"source": ["a"]}]}',
        json.dumps({"source": ["x" * 2048]}),
    ],
)
def test_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        parse(pattern)
