"""Which CloudWatch metrics there are, and which ones alarms, dashboards and documents name.

`tests/cases/cloudwatch-metrics.json` lists each metric with its dimension sets, from the documentation that it names. A metric
with other dimensions doesn't exist: an alarm on it would wait for data for ever.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.template import REPOSITORY

CATALOGUE = REPOSITORY / "tests" / "cases" / "cloudwatch-metrics.json"


@dataclass(frozen=True)
class Named:
    """A metric as somebody names it: with these dimensions and no others."""

    namespace: str
    metric: str
    dimensions: frozenset[str]

    def __str__(self) -> str:
        return f"{self.namespace} {self.metric} by {', '.join(sorted(self.dimensions)) or 'nothing'}"


def read_catalogue() -> list[dict[str, Any]]:
    """The entries of the list."""
    return json.loads(CATALOGUE.read_text(encoding="utf-8"))


def published(catalogue: list[dict[str, Any]]) -> set[Named]:
    """All metrics of the list, one for each dimension set."""
    return {
        Named(entry["namespace"], entry["metric"], frozenset(dimensions))
        for entry in catalogue
        for dimensions in entry["dimensions"]
    }


def watched_by(alarm: dict[str, Any]) -> list[tuple[Named, dict[str, str]]]:
    """What an alarm watches, with the values of the dimensions: one metric, or those that it reckons with."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    found = []
    for metric in stats or [alarm]:
        values = {entry["Name"]: entry["Value"] for entry in metric["Dimensions"]}
        found.append((Named(metric["Namespace"], metric["MetricName"], frozenset(values)), values))
    return found


def shown_by(dashboard: dict[str, Any]) -> Iterator[Named]:
    """The metrics of a dashboard's body, those that searches look for included. The shorthand of dots isn't read."""
    for widget in dashboard["widgets"]:
        for line in widget["properties"].get("metrics", []) if widget["type"] == "metric" else []:
            texts = [part for part in line if isinstance(part, str)]
            if "." in texts or "..." in texts:
                raise NotImplementedError(line)
            if texts:
                yield Named(texts[0], texts[1], frozenset(texts[2::2]))
            else:
                yield from searched_for(line[0]["expression"])


SEARCH = re.compile(r"SEARCH\('\{([^}]*)\}([^']*)'")


def searched_for(expression: str) -> Iterator[Named]:
    """The metrics that the searches of an expression look for: each names a schema, and one metric."""
    searches = SEARCH.findall(expression)
    if len(searches) != expression.count("SEARCH("):
        raise NotImplementedError(expression)
    for schema, terms in searches:
        namespace, *dimensions = (part.strip().strip('"') for part in schema.split(","))
        (metric,) = re.findall(r'MetricName="([^"]+)"', terms)
        yield Named(namespace, metric, frozenset(dimensions))


def told_of_in(document: str) -> Iterator[Named]:
    """The metrics of a document's tables that have the columns `metric` and `dimensions`, all names in backquotes."""
    columns: list[str] = []
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = [cell.lower() for cell in cells]
        elif {"metric", "dimensions"} <= set(columns) and not set(line) <= set("|-: "):
            row = dict(zip(columns, cells, strict=True))
            namespace, metric = re.findall(r"`([^`]+)`", row["metric"])
            yield Named(namespace, metric, frozenset(re.findall(r"`([^`]+)`", row["dimensions"])))
