"""What is left to see when all is decided: a table, the log, and the view from outside."""

from __future__ import annotations

import json
import shlex

from deployment.command import SOURCE, find_command
from deployment.drawbridge import Drawbridge
from deployment.local_aws import LocalAws
from deployment.stacks import ROOT, aws_cli
from emulator.clients import HUB

from .people import People
from .requests import Request
from .screen import DIM, GREEN, RED, Screen

GROUP = "/aws/lambda/drawbridge-accept-connections"
HEADINGS = (
    "who asked",
    "account",
    "where",
    "service",
    "decision",
    "reason",
    "policy",
    "ms",
    "endpoint now",
    "as it should",
)
LOG_FIELDS = [
    "timestamp",
    "level",
    "decision",
    "result",
    "reason",
    "policy",
    "mode",
    "endpoint_owner",
    "vpc_endpoint_id",
    "service_id",
    "cold_start",
    "function_request_id",
]


def show_table(screen: Screen, people: People, requests: list[Request]) -> bool:
    """Who asked, what was decided, why, how fast; whether all of it is as it should be."""
    screen.title("What became of it")
    screen.table([HEADINGS, *(_row(people, request) for request in requests)])
    wrong = [request for request in requests if request.faults]
    screen.line()
    for request in wrong:
        faults = "; ".join(request.faults)
        screen.line(screen.paint(f"  WRONG: {people.name(request.owner)} -> {request.service}: {faults}", RED))
    if not wrong:
        screen.line(screen.paint(f"  All {len(requests)} requests ended as they should.", GREEN))
    screen.line("  ms: from the request to the end of the function's work on it, with up to 1,000 ms of gathering")
    screen.line("  messages into a batch; the function runs in its development profile here.")
    return not wrong


def _row(people: People, request: Request) -> list[str]:
    decision = request.decision
    return [
        people.name(request.owner),
        request.owner,
        people.unit(request.owner),
        request.service,
        decision.get("decision", "none"),
        decision.get("reason", "-"),
        decision.get("policy", "-"),
        str(request.milliseconds if request.milliseconds is not None else "-"),
        request.state,
        "NO" if request.faults else "yes",
    ]


def show_log(screen: Screen, drawbridge: Drawbridge, requests: list[Request]) -> None:
    """The function's own lines about what was decided, the fields that tell most."""
    screen.title(f"What the function logged ({GROUP}; a selection of fields)")
    for request in requests:
        line = {name: request.decision[name] for name in LOG_FIELDS if name in request.decision}
        screen.line(f"  {json.dumps(line)}")
    reports = [line["record"]["metrics"] for line in drawbridge.log.lines() if line.get("type") == "platform.report"]
    starts = [report["initDurationMs"] for report in reports if "initDurationMs" in report]
    most = max((report["maxMemoryUsedMB"] for report in reports), default=0)
    screen.line()
    screen.line(f"  {len(reports)} invocations, {len(starts)} of them cold; at most {most} MB of memory.")


def show_outside(screen: Screen, drawbridge: Drawbridge, requests: list[Request]) -> None:
    """What the aws CLI says, asked now."""
    screen.title("And seen from outside, with the aws CLI")
    for service in dict.fromkeys(request.service for request in requests):
        offered = drawbridge.sample.services[service]
        if offered.account != HUB:
            continue
        command = _connections(offered.id)
        screen.line(f"  $ {shlex.join(['aws', *command])}")
        for text in aws_cli(drawbridge.aws, HUB, *command).splitlines():
            screen.line(f"  {text}")
        screen.line()


def _connections(service_id: str) -> list[str]:
    query = "VpcEndpointConnections[].[VpcEndpointOwner,VpcEndpointId,VpcEndpointState,Tags[?Key=='drawbridge:reason']|[0].Value]"
    command = ["ec2", "describe-vpc-endpoint-connections", "--filters", f"Name=service-id,Values={service_id}"]
    return [*command, "--query", query, "--output", "table"]


def show_where_to_look(screen: Screen, aws: LocalAws, kept: bool) -> None:
    """How to look further, and how to end what is left running."""
    if not kept:
        screen.title("To look further, keep it running: DEMO_KEEP=1 make demo")
    else:
        screen.title("It is still running")
        screen.line(f"  stop it with: kill {aws.pid}     (its output: {aws.log})")
    screen.line("  The aws CLI of this project is .venv/bin/aws. Point it at the local AWS, as the hub:")
    screen.line()
    for name, value in aws.environment().items():
        screen.line(f"    export {name}={value}")
    screen.line()
    screen.line("  and for example:")
    screen.line()
    for explanation, command in COMMANDS:
        screen.line(screen.paint(f"    # {explanation}", DIM))
        screen.line(f"    aws {command}")
    screen.line(screen.paint("    # why a connection is as it is", DIM))
    screen.line(f"    {find_command().relative_to(ROOT)} explain --source {SOURCE} vpce-...")
    screen.line("    # an account's view: its number as the access key")
    screen.line("    AWS_ACCESS_KEY_ID=444444444444 aws ec2 describe-vpc-endpoints --output table")
    screen.line("    # every call that the function made, and what else the local AWS knows")
    screen.line(f"    curl -s '{aws.url}/_emulator/calls?role=drawbridge-accept-connections-eu-west-1'")
    screen.line(f"    curl -s {aws.url}/_emulator")


COMMANDS = [
    ("the decisions", f"logs filter-log-events --log-group-name {GROUP} --filter-pattern decision"),
    ("the stack", "cloudformation describe-stack-resources --stack-name drawbridge --output table"),
    (
        "the connections that wait",
        "ec2 describe-vpc-endpoint-connections --filters Name=vpc-endpoint-state,Values=pendingAcceptance",
    ),
    (
        "the queues (version 1 of the aws CLI finds SQS by this option alone)",
        "sqs list-queues --endpoint-url $AWS_ENDPOINT_URL",
    ),
]
