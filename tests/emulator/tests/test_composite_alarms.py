"""Composite alarms: their rules, their states, and when their actions wait."""

from __future__ import annotations

from typing import Any

import pytest

from ..cloudwatch.alarm_rule import BadRule, parse
from .parties import error_of
from .running import HUB, RunningEmulator
from .sample_alarms import TOPIC, Client, Listener, become, described, put
from .sample_functions import eventually

PERIODS = {"ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 60}


def arn(name: str, region: str = "eu-west-1", account: str = HUB) -> str:
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"


def compose(client: Client, name: str, rule: str, **more: Any) -> None:
    client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule, **more)


@pytest.fixture
def suppressed(client: Client) -> Listener:
    """`degraded` rings with `slow`, and tells the topic, but not while `down` rings."""
    listener = Listener(client)
    put(client, "slow", "down")
    actions = {"AlarmActions": [TOPIC], "OKActions": [TOPIC], "ActionsSuppressor": "down", **PERIODS}
    compose(client, "degraded", "ALARM(slow)")
    compose(client, "degraded", "ALARM(slow)", **actions)
    listener.hear()
    return listener


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("TRUE", True),
        ("NOT TRUE", False),
        ("false", False),
        ("ALARM(a)", True),
        ('ALARM("a") AND OK("b c")', True),
        ("ALARM(a) AND NOT ALARM(gone)", True),
        ("OK(a) OR INSUFFICIENT_DATA(i)", True),
        ("FALSE AND FALSE OR TRUE", True),
        ("FALSE AND (FALSE OR TRUE)", False),
        ("NOT (ALARM(a) AND ALARM(i))", True),
    ],
)
def test_rule_holds_or_not(rule: str, holds: bool) -> None:
    states = {"a": "ALARM", "b c": "OK", "i": "INSUFFICIENT_DATA"}
    assert parse(rule).holds(lambda name: states.get(name, "OK")) is holds


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "ALARM",
        "ALARM()",
        "ALARM(a) ALARM(b)",
        "ALARM(a) AND",
        "(TRUE",
        "TRUE)",
        "a",
        "NOT",
        "BROKEN(a)",
        "ALARM(a b)",
    ],
)
def test_rule_must_parse(rule: str) -> None:
    with pytest.raises(BadRule):
        parse(rule)


def test_rule_has_100_children(client: Client) -> None:
    names = [f"n{number}" for number in range(101)]
    put(client, *names)
    compose(client, "c", " OR ".join(f"ALARM({name})" for name in names[:100]))
    many = " OR ".join(f"ALARM({name})" for name in names)
    assert error_of(compose, client, "d", many) == "ValidationError"
    assert error_of(compose, client, "d", "TRUE" + " OR TRUE" * 1300) == "ValidationError"


def test_children_must_be_there_in_the_same_place(client: Client) -> None:
    put(client, "a")
    compose(client, "c", f'ALARM(a) OR ALARM("{arn("a")}")')
    for missing in ("gone", arn("a", region="us-east-1"), arn("a", account="444444444444")):
        assert error_of(compose, client, "d", f'ALARM(a) OR ALARM("{missing}")') == "ValidationError"


def test_state_follows_the_children(client: Client) -> None:
    listener = Listener(client)
    put(client, "a", "b")
    compose(client, "c", "ALARM(a) AND ALARM(b)", AlarmActions=[TOPIC])
    compose(client, "above", "ALARM(c)")
    assert [described(client, name)["StateValue"] for name in ("c", "above")] == ["OK", "OK"]
    become(client, "a", "ALARM")
    listener.hear()
    become(client, "b", "ALARM")
    heard = listener.hear()
    states = [one["detail"] for one in heard if "detail" in one]
    assert [(one["alarmName"], one["state"]["value"]) for one in states] == [
        (name, "ALARM") for name in ("b", "c", "above")
    ]
    assert "triggeringAlarms" in states[1]["state"]["reasonData"]
    assert [one["AlarmName"] for one in heard if "AlarmName" in one] == ["c"]
    become(client, "a", "OK")
    assert described(client, "above")["StateValue"] == "OK"


def test_change_of_the_rule_is_evaluated(client: Client) -> None:
    compose(client, "c", "FALSE")
    become(client, "c", "ALARM")
    compose(client, "c", "NOT TRUE")
    assert described(client, "c")["StateValue"] == "OK"
    compose(client, "c", "TRUE")
    assert described(client, "c")["StateValue"] == "ALARM"


def test_suppressor_needs_both_periods_and_must_be_there(client: Client) -> None:
    put(client, "down")
    assert error_of(compose, client, "c", "FALSE", ActionsSuppressor="down") == "ValidationError"
    assert error_of(compose, client, "c", "FALSE", **PERIODS) == "ValidationError"
    assert error_of(compose, client, "c", "FALSE", ActionsSuppressor="gone", **PERIODS) == "ValidationError"
    compose(client, "c", "FALSE", ActionsSuppressor=arn("down"), **PERIODS)
    assert described(client, "c")["ActionsSuppressor"] == arn("down")


def test_metric_and_composite_alarms_share_their_names(client: Client) -> None:
    put(client, "a")
    compose(client, "c", "FALSE")
    assert error_of(compose, client, "a", "FALSE") == "ValidationError"
    assert error_of(put, client, "c") == "ValidationError"


def test_actions_are_suppressed_while_the_suppressor_rings(client: Client, suppressed: Listener) -> None:
    become(client, "down", "ALARM")
    suppressed.hear()
    become(client, "slow", "ALARM")
    assert described(client, "degraded")["ActionsSuppressedBy"] == "Alarm"
    heard = suppressed.hear()
    (event,) = [one["detail"] for one in heard if one.get("detail", {}).get("alarmName") == "degraded"]
    assert event["state"]["actionsSuppressedReason"] == "Actions suppressed by Alarm"
    assert event["configuration"]["actionsSuppressor"] == "down"
    assert not [one for one in heard if "AlarmName" in one]


def test_actions_wait_for_the_suppressor_and_are_held_back_when_it_rings(client: Client, suppressed: Listener) -> None:
    become(client, "slow", "ALARM")
    assert suppressed.changes() == [("slow", "ALARM", None), ("degraded", "ALARM", "WaitPeriod")]
    become(client, "down", "ALARM")
    assert suppressed.changes() == [("down", "ALARM", None), ("degraded", "ALARM", "Alarm")]
    become(client, "down", "OK")
    assert described(client, "degraded")["ActionsSuppressedBy"] == "ExtensionPeriod"


def test_actions_are_taken_when_the_wait_is_over(
    client: Client, emulator: RunningEmulator, suppressed: Listener
) -> None:
    emulator.control("POST", "settings", {"suppression_second_ms": 1})
    become(client, "slow", "ALARM")
    assert eventually(suppressed.notified) == [("degraded", "ALARM")]
    assert "ActionsSuppressedBy" not in described(client, "degraded")


def test_actions_are_taken_after_the_extension(client: Client, emulator: RunningEmulator, suppressed: Listener) -> None:
    emulator.control("POST", "settings", {"suppression_second_ms": 0})
    become(client, "down", "ALARM")
    become(client, "slow", "ALARM")
    assert suppressed.notified() == []
    become(client, "down", "OK")
    assert suppressed.notified() == [("degraded", "ALARM")]


def test_actions_are_taken_when_the_alarm_loses_its_suppressor(client: Client, suppressed: Listener) -> None:
    become(client, "down", "ALARM")
    become(client, "slow", "ALARM")
    assert suppressed.notified() == []
    compose(client, "degraded", "ALARM(slow)", AlarmActions=[TOPIC])
    assert suppressed.notified() == [("degraded", "ALARM")]
    assert "ActionsSuppressedBy" not in described(client, "degraded")


def test_alarms_in_a_circle_are_not_evaluated_and_cannot_be_deleted(client: Client) -> None:
    cloudwatch = client("cloudwatch")
    put(client, "a")
    compose(client, "one", "FALSE")
    compose(client, "two", "ALARM(one) OR ALARM(a)")
    compose(client, "one", "ALARM(two)")
    become(client, "a", "ALARM")
    assert described(client, "two")["StateValue"] == "OK"
    for name in ("one", "two"):
        assert error_of(cloudwatch.delete_alarms, AlarmNames=[name]) == "ValidationError"
    compose(client, "one", "FALSE")
    cloudwatch.delete_alarms(AlarmNames=["two"])
    cloudwatch.delete_alarms(AlarmNames=["one"])
