"""Whoever is woken by an alarm finds what to do: each has a section of the runbook, and its commands are ones that the CLI knows."""

import json
import re

import pytest

from infra.rendering import HUB_PARAMETERS, Rendering
from infra.template import INFRA, REPOSITORY, Template, altered, at, read
from infra.test_readme import commands, faults

HUB = read("hub.yaml")
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")
ADDRESS = "https://example.com/runbook"
# The two over the alarms of a service.
COMPOSITES = {"down", "degraded"}
PARTS = ("**Means**", "**Users notice**", "**Look**", "**Do**")
# The longest description (CloudWatch API reference, PutMetricAlarm).
LONGEST_DESCRIPTION = 1024
# Told by whoever is on call from the alarm itself.
OF_THE_ALARM = {"TARGET_GROUP_ARN", "LOAD_BALANCER_ARN", "SECURITY_GROUP_ID", "ALARM_NAME"}


def profiles() -> set[str]:
    """Alarms that the configuration can ask for."""
    schema = json.loads((INFRA / "drawbridge.schema.json").read_text(encoding="utf-8"))
    return {choice["const"] for choice in schema["$defs"]["AlarmProfile"]["oneOf"]}


def sections(text: str) -> dict[str, str]:
    """The text of each section that is an alarm's, by its anchor."""
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    return {name: body.split("\n## ")[0] for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def descriptions(template: Template = HUB, **parameters: str) -> dict[str, str]:
    """What the hub's alarms say, by name."""
    rendering = Rendering(template, HUB_PARAMETERS | parameters)
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    alarms = [alarm for kind in kinds for alarm in rendering.of_type(kind).values()]
    return {alarm["AlarmName"]: alarm["AlarmDescription"] for alarm in alarms}


def lost(text: str, template: Template = HUB) -> set[str]:
    """Alarms whose description leads to no section of the text, or to that of another alarm."""
    known = sections(text)
    found = set()
    for name, description in descriptions(template).items():
        anchor = description.rpartition(" Runbook: docs/runbook.md#")[2]
        if anchor not in known or not name.endswith(anchor) or len(description) > LONGEST_DESCRIPTION:
            found.add(name)
    return found


def test_each_alarm_of_the_hub_leads_to_its_section():
    assert lost(RUNBOOK) == set()


def test_each_profile_has_its_section():
    assert profiles() | COMPOSITES <= set(sections(RUNBOOK))


def test_no_section_is_about_an_alarm_that_there_is_not():
    anchors = {description.rpartition("#")[2] for description in descriptions().values()}
    assert set(sections(RUNBOOK)) == anchors | profiles() | COMPOSITES


def test_an_alarm_without_its_section_is_told():
    assert lost(RUNBOOK.replace("### silent", "### quiet")) == {
        f"drawbridge-{name}-silent"
        for name in ("accept-connections", "sync-dns", "tag-resources", "publish-alarms", "sync-cloud-map")
    }
    text = "Resources/WatchErrorsAlarm/Properties/AlarmDescription/Fn::Sub/0"
    other = altered(HUB, text, at(HUB, text).replace("#errors", "#silent"))
    assert lost(RUNBOOK, other) == {"drawbridge-watch-organization-errors"}
    wordy = altered(HUB, text, "x" * 1024 + at(HUB, text))
    assert lost(RUNBOOK, wordy) == {"drawbridge-watch-organization-errors"}


def test_descriptions_lead_to_where_the_runbook_is():
    named = descriptions(RunbookUrl=ADDRESS)
    assert all(re.search(rf" Runbook: {re.escape(ADDRESS)}#[a-z-]+$", description) for description in named.values())


def test_the_description_of_held_requests_says_for_how_long():
    said = descriptions(HeldRequestHours="3")["drawbridge-accept-connections-requests-held"]
    assert "longer than 3 hours" in said


def incomplete(text: str) -> set[str]:
    """Sections that don't say what it means, who notices, where to look and what to do, in this order."""
    return {
        name
        for name, body in sections(text).items()
        if re.findall(r"^- (\*\*[A-Z][a-z ]+\*\*):", body, re.MULTILINE) != [*PARTS]
    }


def test_each_section_says_what_it_means_who_notices_where_to_look_and_what_to_do():
    assert incomplete(RUNBOOK) == set()
    assert incomplete(RUNBOOK.replace("- **Do**: roll the policy back. If", "- If")) == {"revocations-withheld"}


@pytest.mark.parametrize("command", sorted(set(commands(RUNBOOK))))
def test_the_cli_knows_the_command_of_the_runbook(command):
    assert faults(command) == []


def test_the_variables_of_the_runbook_s_commands_are_outputs_of_the_stack():
    outputs = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() for name in HUB["Outputs"]}
    assert set(re.findall(r'"\$(\w+)"', RUNBOOK)) - outputs == OF_THE_ALARM


def dangling(text: str) -> set[str]:
    """Links within the text that lead nowhere."""
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    return set(re.findall(r"\]\(#([^)]+)\)", text)) - headings


def test_links_within_the_runbook_lead_somewhere():
    assert dangling(RUNBOOK) == set()
    assert dangling(RUNBOOK + "[x](#nowhere)") == {"nowhere"}
