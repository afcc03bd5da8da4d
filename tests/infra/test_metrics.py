"""Every metric that a template or a document names is one that AWS or we publish, with exactly its dimensions."""

import copy
import json

import pytest

from infra.metrics import Named, published, read_catalogue, searched_for, shown_by, told_of_in, watched_by
from infra.rendering import HUB_PARAMETERS, Rendering
from infra.template import INFRA, REPOSITORY, Template, altered, at, read

CATALOGUE = read_catalogue()
PUBLISHED = published(CATALOGUE)
HUB = read("hub.yaml")
DOCUMENTS = sorted((REPOSITORY / "docs").glob("*.md"))


def named_in(template: Template) -> set[Named]:
    """All metrics of the template's alarms and dashboards."""
    rendering = Rendering(template, HUB_PARAMETERS)
    alarms = rendering.of_type("AWS::CloudWatch::Alarm").values()
    dashboards = rendering.of_type("AWS::CloudWatch::Dashboard").values()
    watched = {metric for alarm in alarms for metric, _ in watched_by(alarm)}
    return watched.union(*(shown_by(json.loads(dashboard["DashboardBody"])) for dashboard in dashboards))


def test_every_metric_of_the_hub_is_published_with_its_dimensions():
    assert len(named_in(HUB)) > 20
    assert named_in(HUB) - PUBLISHED == set()


def test_no_other_template_has_alarms_or_dashboards():
    others = [read(path.name) for path in INFRA.glob("*.yaml") if path.name != "hub.yaml"]
    kinds = {resource["Type"] for template in others for resource in template["Resources"].values()}
    assert others and not any(kind.startswith("AWS::CloudWatch::") for kind in kinds)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ErrorsAlarm/Properties/MetricName", "Error"),
        ("ErrorsAlarm/Properties/Namespace", "AWS/Lambdas"),
        ("ErrorsAlarm/Properties/Dimensions/0/Name", "Function"),
        ("CallsFailedAlarm/Properties/MetricName", "CallFailed"),
        ("CallsFailedAlarm/Properties/Dimensions/0/Name", "FunctionName"),
        ("DeadLettersAlarm/Properties/Dimensions", []),
        ("RequestsHeldAlarm/Properties/Metrics/1/MetricStat/Metric/MetricName", "Held"),
        ("RequestsHeldAlarm/Properties/Metrics/1/MetricStat/Metric/Dimensions", []),
    ],
)
def test_an_alarm_on_a_metric_that_nobody_publishes_is_told(path, value):
    assert len(named_in(altered(HUB, f"Resources/{path}", value)) - PUBLISHED) == 1


BODY = "Resources/Overview/Properties/DashboardBody/Fn::Sub/0"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('"HeldSecond"', '"HeldSeconds"'),
        ('"Drawbridges", "SweepSeconds"', '"Drawbridge", "SweepSeconds"'),
        ('"AWS/SQS", "ApproximateAgeOfOldestMessage", "Queue"', '"AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"'),
        ("{Drawbridge,Function,Decision} MetricName", "{Drawbridge,Function,Decision,Reason} MetricName"),
        ('MetricName=\\"Decision\\"', 'MetricName=\\"Decisions\\"'),
    ],
)
def test_a_dashboard_of_a_metric_that_nobody_publishes_is_told(wrong, right):
    body = at(HUB, BODY)
    assert right in body
    assert named_in(altered(HUB, BODY, body.replace(right, wrong, 1))) - PUBLISHED


def test_a_search_that_is_not_understood_is_no_search_that_passes():
    with pytest.raises(NotImplementedError):
        list(searched_for('SEARCH("{A,B} MetricName=\\"C\\"", "Sum", 300)'))
    with pytest.raises(ValueError, match="not enough values"):
        list(searched_for("SEARCH('{A,B} C', 'Sum', 300)"))
    with pytest.raises(NotImplementedError):
        list(shown_by({"widgets": [{"type": "metric", "properties": {"metrics": [["A", "B"], [".", "C"]]}}]}))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_metric_in_a_document_s_table_is_published_with_its_dimensions(path):
    assert set(told_of_in(path.read_text(encoding="utf-8"))) - PUBLISHED == set()


TABLE = """| alarm | metric | dimensions |
| --- | --- | --- |
| `x` | `AWS/PrivateLinkEndpoints` `PacketsDropped` | {} |
"""
ENDPOINT = "`Endpoint Type`, `Service Name`, `VPC Endpoint Id`, `VPC Id`"


def test_a_document_that_names_a_metric_that_nobody_publishes_is_told():
    assert set(told_of_in(TABLE.format(ENDPOINT))) <= PUBLISHED
    assert set(told_of_in(TABLE.format("`VPC Endpoint Id`"))) - PUBLISHED
    assert set(told_of_in(TABLE.format(ENDPOINT.replace(" ", "")))) - PUBLISHED
    assert set(told_of_in(TABLE.format(ENDPOINT).replace("PacketsDropped", "DroppedPackets"))) - PUBLISHED
    assert list(told_of_in("| metric | what |\n| --- | --- |\n| Errors | many |\n")) == []


def test_the_runbook_has_such_a_table():
    runbook = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert len(set(told_of_in(runbook))) > 10


def faults(catalogue: list[dict]) -> list[str]:
    """What makes the list useless: a metric twice, dimensions out of order, no source, a unit that CloudWatch hasn't."""
    names = [(entry["namespace"], entry["metric"]) for entry in catalogue]
    units = {"Count", "Bytes", "Seconds", "Milliseconds", "Bytes/Second", "Count/Second"}
    found = [f"{name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    for entry in catalogue:
        if set(entry) != {"namespace", "metric", "dimensions", "unit", "source"} or not entry["source"]:
            found.append(f"{entry['metric']}: incomplete")
        elif not entry["dimensions"] or any(names != sorted(set(names)) for names in entry["dimensions"]):
            found.append(f"{entry['metric']}: dimensions missing, twice or out of order")
        elif entry["unit"] not in units:
            found.append(f"{entry['metric']}: no such unit")
    return found


def test_the_list_of_metrics_is_sound():
    assert faults(CATALOGUE) == []
    assert {entry["namespace"] for entry in CATALOGUE} >= {
        "AWS/PrivateLinkEndpoints",
        "AWS/PrivateLinkServices",
        "AWS/NetworkELB",
        "AWS/Lambda",
        "AWS/SQS",
        "Drawbridge",
    }


def test_a_list_that_is_not_sound_is_told():
    def with_first(**changes: object) -> list[dict]:
        changed = copy.deepcopy(CATALOGUE)
        changed[0] |= changes
        return changed

    assert faults(CATALOGUE + CATALOGUE[:1])
    assert faults(with_first(dimensions=[]))
    assert faults(with_first(dimensions=[["b", "a"]]))
    assert faults(with_first(unit="Percents"))
    assert faults(with_first(source=""))
