#!/usr/bin/env python3
"""What Drawbridge costs a month, by the size of the Organization: `python3 infra/cost.py` prints the table of docs/rollout.md.

Change the assumptions to yours. What stands (alarms, functions, the sweep) is counted in infra/hub.yaml itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HUB = (Path(__file__).parent / "hub.yaml").read_text(encoding="utf-8")
SIZES = (100, 1_000, 5_000)

# US dollars, us-east-1, as of November 2026, from AWS's pricing pages of CloudWatch, Lambda (arm64), EventBridge and SQS.
# Other Regions differ; look them up before you rely on them. No free tier is taken off.
PER_ALARM, PER_COMPOSITE_ALARM, PER_METRIC = 0.10, 0.50, 0.30
PER_REQUEST, PER_GB_SECOND = 0.20e-6, 0.0000133334
PER_FORWARDED_EVENT, PER_OWN_EVENT = 1.00e-6, 1.00e-6
PER_ARCHIVED_GB, PER_KEPT_GB = 0.10, 0.023
PER_QUEUE_REQUEST = 0.40e-6

SECONDS_A_MONTH = 30 * 24 * 3600
GIB = 2**30


@dataclass(frozen=True)
class Assumptions:
    """How an Organization behaves in which nothing is on fire."""

    regions: int = 2
    endpoints_an_account: int = 10  # in all Regions
    calls_an_account: int = 150  # forwarded in a month: endpoints made, changed, tagged; balancers, targets, zones
    decisions_an_account: int = 5  # told on the bus in a month
    queues_an_event: int = 4  # functions that a forwarded call wakes
    event_seconds: float = 0.15  # a few calls of AWS at 50 ms each; cold starts are seldom
    looked_after: int = 100  # accounts of ConsumerAccounts: IAM takes no more (infra/README.md)
    providers: int = 5
    calls_a_place: int = 4  # of a sweep, for each account and Region
    call_seconds: float = 0.15
    calls_in_flight: int = 10
    metrics_a_function: int = 15  # with some values of Decision and Reason
    event_bytes: int = 2_000
    log_bytes: int = 1_500  # of a line
    archive_months: int = 13


USUAL = Assumptions()


def count(kind: str) -> int:
    """How many resources of a type the hub has."""
    return len(re.findall(rf"^    Type: {kind}$", HUB, re.MULTILINE))


def memory_gb() -> list[float]:
    """The memory of each function."""
    return [int(size) / 1024 for size in re.findall(r"^ +MemorySize: (\d+)$", HUB, re.MULTILINE)]


def sweeps() -> float:
    """Sweeps in a month."""
    [minutes] = re.findall(r"ScheduleExpression: rate\((\d+) minutes\)", HUB)
    return SECONDS_A_MONTH / (60 * int(minutes))


def places(accounts: int, assumed: Assumptions) -> int:
    """Accounts and Regions that a sweep looks at."""
    return (min(accounts, assumed.looked_after) + min(accounts, assumed.providers)) * assumed.regions


def items(accounts: int, assumed: Assumptions = USUAL) -> dict[str, float]:
    """Dollars a month, by what they are paid for."""
    functions = memory_gb()
    events = accounts * assumed.calls_an_account
    messages = events * assumed.queues_an_event
    decisions = accounts * assumed.decisions_an_account
    sweep_seconds = places(accounts, assumed) * assumed.calls_a_place * assumed.call_seconds / assumed.calls_in_flight
    mean_gb = sum(functions) / len(functions)
    requests = messages + sweeps() * len(functions)
    gb_seconds = messages * assumed.event_seconds * mean_gb + sweeps() * sweep_seconds * sum(functions)
    # Sent, received and deleted, each by itself at worst; and five pollers a queue that wait for twenty seconds each.
    polls = 5 * len(functions) * SECONDS_A_MONTH / 20
    kept_gb = decisions * assumed.event_bytes / GIB
    alarms, composites = count("AWS::CloudWatch::Alarm"), count("AWS::CloudWatch::CompositeAlarm")
    return {
        f"alarms of the hub ({alarms}, and one over them)": alarms * PER_ALARM + composites * PER_COMPOSITE_ALARM,
        "metrics of the functions": len(functions) * assumed.metrics_a_function * PER_METRIC,
        "functions": requests * PER_REQUEST + gb_seconds * PER_GB_SECOND,
        "queues": (3 * messages + polls) * PER_QUEUE_REQUEST,
        "calls forwarded to the hub (paid by the members)": events * PER_FORWARDED_EVENT,
        "decisions told and archived": decisions * PER_OWN_EVENT
        + kept_gb * (PER_ARCHIVED_GB + assumed.archive_months * PER_KEPT_GB),
    }


def log_gb(accounts: int, assumed: Assumptions = USUAL) -> float:
    """What goes into the logs in a month, in GB: a line for each message, and ten for each function's sweep."""
    messages = accounts * assumed.calls_an_account * assumed.queues_an_event
    return (messages + sweeps() * len(memory_gb()) * 10) * assumed.log_bytes / GIB


def table(assumed: Assumptions = USUAL) -> str:
    """The table of docs/rollout.md."""
    columns = [items(size, assumed) for size in SIZES]
    rows = [[name, *(f"${column[name]:,.2f}" for column in columns)] for name in columns[0]]
    rows.append(["**in all**", *(f"**${sum(column.values()):,.2f}**" for column in columns)])
    rows.append(["to be added: logs, GB", *(f"{log_gb(size, assumed):,.1f}" for size in SIZES)])
    head = ["a month", *(f"{size:,} accounts" for size in SIZES)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


if __name__ == "__main__":
    print(table())
