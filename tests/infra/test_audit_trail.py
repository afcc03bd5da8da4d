"""What is kept of decisions, and that saved queries find it."""

import re

import pytest

from infra.event_pattern import Event, check, matches
from infra.rendering import CONSUMER_ACCOUNT, HUB_ACCOUNT, HUB_PARAMETERS, Rendering
from infra.routing import event, own_event, wakes
from infra.rust_calls import repository
from infra.template import REPOSITORY, Template, altered, at, read, without

HUB = read("hub.yaml")
PATTERN = "Resources/Archive/Properties/EventPattern"
# Characters in the pattern of an archive (CloudFormation reference of AWS::Events::Archive).
PATTERN_LIMIT = 4096


def hub(template: Template = HUB, **parameters: str) -> Rendering:
    return Rendering(template, HUB_PARAMETERS | parameters)


def keeps(happened: Event, template: Template = HUB) -> bool:
    return matches(hub(template).properties("Archive")["EventPattern"], happened)


TOLD = at(HUB, f"{PATTERN}/detail-type")
PASSED_OVER = {
    "a sweep": own_event("Sweep Requested", HUB_ACCOUNT),
    "a review": own_event("Review Requested", HUB_ACCOUNT),
    "a call": event("create_endpoint"),
    "what another account tells in our name": own_event("Connection Accepted", CONSUMER_ACCOUNT),
    "what is told in another name": own_event("Connection Accepted", HUB_ACCOUNT, source="drawbridge.test"),
    "what was kept before": own_event("Connection Accepted", HUB_ACCOUNT) | {"replay-name": "look-again"},
}


@pytest.mark.parametrize("told", TOLD)
def test_the_archive_keeps(told):
    assert keeps(own_event(told, HUB_ACCOUNT))


@pytest.mark.parametrize("case", PASSED_OVER)
def test_the_archive_passes_over(case):
    assert not keeps(PASSED_OVER[case])


@pytest.mark.parametrize(
    ("template", "case"),
    [
        (without(HUB, f"{PATTERN}/account"), "what another account tells in our name"),
        (without(HUB, f"{PATTERN}/source"), "what is told in another name"),
        (without(HUB, f"{PATTERN}/detail-type"), "a sweep"),
        (without(HUB, f"{PATTERN}/replay-name"), "what was kept before"),
    ],
)
def test_an_archive_that_keeps_too_much_is_told(template, case):
    assert keeps(PASSED_OVER[case], template)


def test_the_archive_is_of_the_hub_bus_and_for_as_long_as_was_chosen():
    archive = hub(ArchiveRetentionDays="30").properties("Archive")
    assert archive["SourceArn"] == hub().arn("Bus")
    assert (int(archive["RetentionDays"]), int(hub().properties("Archive")["RetentionDays"])) == (30, 400)
    assert len(str(archive["EventPattern"])) <= PATTERN_LIMIT
    check(archive["EventPattern"])


def test_a_replay_wakes_nobody():
    assert [told for told in TOLD if wakes(hub(), own_event(told, HUB_ACCOUNT) | {"replay-name": "x"})] == []


# Saved queries. Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax".
COMMANDS = {"filter", "fields", "stats", "sort", "limit"}
FUNCTIONS = {"ispresent", "latest", "earliest", "count", "count_distinct"}
WORDS = {"by", "as", "in", "and", "or", "asc", "desc"}
# Given to every line by CloudWatch.
OF_CLOUDWATCH = {"@timestamp", "@message", "@logStream"}


def queries(template: Template = HUB) -> dict[str, dict]:
    return hub(template).of_type("AWS::Logs::QueryDefinition")


def steps(query: str) -> list[str]:
    """The query's commands, without comments."""
    lines = [line for line in query.splitlines() if not line.lstrip().startswith("#")]
    return [step.strip() for step in " ".join(lines).split("|")]


def names_in(query: str) -> set[str]:
    """Fields that the query asks for; not the names it gives."""
    text = re.sub(r'"[^"]*"', "", " ".join(steps(query)))
    given = set(re.findall(r"\bas (\w+)", text))
    return set(re.findall(r"@?[A-Za-z_]\w*", text)) - given - COMMANDS - FUNCTIONS - WORDS


def written() -> set[str]:
    """Text literals of the code: the fields of its lines are among them."""
    texts = [(REPOSITORY / path).read_text(encoding="utf-8") for path in repository()]
    return {literal for text in texts for literal in re.findall(r'"([a-z_]+)"', text)}


def blind(template: Template = HUB) -> list[str]:
    """Queries that ask for what no line has, or where nobody writes, or in words that CloudWatch doesn't know."""
    groups = {group["LogGroupName"] for group in hub().of_type("AWS::Logs::LogGroup").values()}
    faults = []
    for name, query in queries(template).items():
        faults += [f"{name}: no field {field}" for field in names_in(query["QueryString"]) - WRITTEN - OF_CLOUDWATCH]
        faults += [f"{name}: no log group {group}" for group in set(query["LogGroupNames"]) - groups]
        commands = {step.split()[0] for step in steps(query["QueryString"])}
        faults += [f"{name}: no command {command}" for command in commands - COMMANDS]
    return faults


WRITTEN = written()


def test_there_is_a_query_for_what_one_asks():
    assert {query["Name"] for query in queries().values()} == {
        "drawbridge/decisions about an endpoint",
        "drawbridge/why are requests held",
        "drawbridge/revocations and what is scheduled",
        "drawbridge/who was let in by which policy",
        "drawbridge/failed calls",
    }


def test_every_query_asks_for_fields_that_are_written_where_they_are_written():
    assert blind() == []


HELD = "Resources/HeldQuery/Properties"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (altered(HUB, f"{HELD}/QueryString", 'filter verdict = "hold"'), "no field verdict"),
        (altered(HUB, f"{HELD}/QueryString", "fields decision | where decision"), "no command where"),
        (altered(HUB, f"{HELD}/LogGroupNames", ["/aws/lambda/drawbridge"]), "no log group"),
    ],
)
def test_a_query_that_finds_nothing_is_told(template, expected):
    assert any(expected in fault for fault in blind(template))


def test_failed_calls_are_looked_for_in_the_log_of_every_function():
    groups = {group["LogGroupName"] for group in hub().of_type("AWS::Logs::LogGroup").values()}
    assert set(queries()["FailedCallsQuery"]["LogGroupNames"]) == groups
