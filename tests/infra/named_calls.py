"""Which kinds of event, and which calls, a pattern names; and which of them the functions' parser knows.

The parser says so in tables: kinds in `event/registry.rs`, calls in a `SERVICE` of each service's file.
"""

import functools
import re
from collections.abc import Iterator

import botocore.session

from infra.event_pattern import Pattern
from infra.rendering import Rendering
from infra.routing import patterns
from infra.rust_calls import SERVICES
from infra.template import REPOSITORY

Kind = tuple[str, str]
"""Source and detail-type."""
Call = tuple[str, str]
"""Source of the record (a service of AWS) and name of the call."""

EVENT = REPOSITORY / "shared" / "src" / "event"
CALL, SERVICE_EVENT = "AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"
# What AWS Organizations tells by service events: results, and no calls. Source: Organizations user guide, "Logging API calls".
RESULTS = {"AccountDepartedOrganization", "AccountJoinedOrganization", "CloseAccountResult", "CreateAccountResult"}


def without_choices(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern once for each way through its `$or`s."""
    for name, wanted in pattern.items():
        if name == "$or":
            rest = {key: value for key, value in pattern.items() if key != name}
            for choice in wanted:
                yield from without_choices(rest | choice)
            return
        if isinstance(wanted, dict):
            ways = list(without_choices(wanted))
            if ways != [wanted]:
                for way in ways:
                    yield from without_choices(pattern | {name: way})
                return
    yield pattern


def kinds(pattern: Pattern) -> set[Kind]:
    """The kinds of event that a pattern takes."""
    return {
        (source, kind)
        for way in without_choices(pattern)
        for source in way["source"]
        for kind in way["detail-type"]
        # Several sources share a pattern; each has kinds of its own.
        if not source.startswith("aws.") or kind != SERVICE_EVENT or source == "aws.organizations"
    }


def calls(pattern: Pattern) -> set[Call]:
    """The calls that it names, each with the service that has it; one that no service has stands with all of them."""
    found = set()
    for way in without_choices(pattern):
        detail = way.get("detail", {})
        sources = detail.get("eventSource", [])
        for name in detail.get("eventName", []):
            having = {source for source in sources if name in operations(source)}
            found |= {(source, name) for source in having or sources}
    return found


@functools.cache
def operations(source: str) -> set[str]:
    """What a service can be asked, by the name of its records' source."""
    prefix = source.removesuffix(".amazonaws.com")
    service = {"elasticloadbalancing": SERVICES["elasticloadbalancingv2"]}.get(prefix, prefix)
    known = set(botocore.session.get_session().get_service_model(service).operation_names)
    return known | RESULTS if prefix == "organizations" else known


def named(rendering: Rendering, bus: str | None) -> set[Call]:
    """All calls that the rules of a bus name."""
    return {call for pattern in patterns(rendering, bus).values() for call in calls(pattern)}


def unknown(found: set[Call]) -> set[Call]:
    """Those that are no operation of their service: a rule with one would wait for ever."""
    return {(source, name) for source, name in found if name not in operations(source)}


def parsed_calls() -> set[Call]:
    """The calls that the parser knows."""
    found = set()
    for path in EVENT.glob("*.rs"):
        text = path.read_text(encoding="utf-8").partition("#[cfg(test)]")[0]
        for service in re.findall(r"const SERVICE: Service = Service \{(.*?)\n\};", text, re.DOTALL):
            [source] = re.findall(r'event_source: "([^"]+)"', service)
            found |= {(source, name) for name in re.findall(r'\("(\w+)", [\w:]+\)', service)}
    return found


def parsed_kinds() -> set[Kind]:
    """The kinds of event that it knows."""
    texts = {name: (EVENT / f"{name}.rs").read_text(encoding="utf-8") for name in ("registry", "own", "told")}
    constants = {name: value for text in texts.values() for name, value in _constants(text)}
    table = re.findall(r"\(\(([^,]+), ([^,]+), \"0\"\), [\w:]+\)", texts["registry"])
    return {(_value(source, constants), _value(kind, constants)) for source, kind in table}


def _constants(text: str) -> list[tuple[str, str]]:
    return re.findall(r'(?:const )?\b([A-Z_]+)(?:: &str =| =>) "([^"]+)"', text)


def _value(written: str, constants: dict[str, str]) -> str:
    """A literal, or a constant of a module."""
    return written.strip('"') if written.startswith('"') else constants[written.rpartition("::")[2]]
