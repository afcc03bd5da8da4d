"""Templates and Rust code agree: on the calls that the role allows, and on the metrics that alarms watch.

The code is read as text: an SDK call is a method named as the operation in snake case. The role of an account is assumed
by aws-config's AssumeRoleProvider.
"""

import re
from collections.abc import Iterator

import botocore.session
import pytest
from botocore import xform_name

from infra.rendering import HUB_PARAMETERS, Rendering
from infra.template import REPOSITORY, read
from infra.test_function_role import IN_THE_HUB_ACCOUNT

SERVICES = ("ec2", "organizations", "appconfigdata", "events")


def source() -> Iterator[str]:
    """Rust sources of the function and what it is made of, without comments."""
    for folder in ("shared/src", "functions/accept-connections/src"):
        for path in sorted((REPOSITORY / folder).rglob("*.rs")):
            yield re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def operations_called(sources: list[str]) -> set[str]:
    """SDK operations that the code calls."""
    methods = {method for text in sources for method in re.findall(r"\.\s*([a-z0-9_]+)\(\)", text)}
    session = botocore.session.get_session()
    names = {name for service in SERVICES for name in session.get_service_model(service).operation_names}
    called = {name for name in names if xform_name(name) in methods}
    return called | ({"AssumeRole"} if any("AssumeRoleProvider::builder" in text for text in sources) else set())


def texts(sources: list[str]) -> set[str]:
    """Text literals of the code."""
    return {literal for text in sources for literal in re.findall(r'"([^"\\\n]*)"', text)}


SOURCES = list(source())


def test_the_code_calls_what_the_role_is_made_for_and_nothing_else():
    assert operations_called(SOURCES) == {operation.name for operation in IN_THE_HUB_ACCOUNT}


@pytest.mark.parametrize("call", ["client.modify_vpc_endpoint()", "client\n    .delete_tags()\n"])
def test_a_call_that_the_role_does_not_know_is_told(call):
    assert operations_called([*SOURCES, call]) > {operation.name for operation in IN_THE_HUB_ACCOUNT}


def watched() -> set[str]:
    alarms = Rendering(read("hub.yaml"), HUB_PARAMETERS).of_type("AWS::CloudWatch::Alarm").values()
    return {alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == "Drawbridge"}


def test_every_own_metric_that_an_alarm_watches_is_published_by_the_code():
    assert watched() | {"Drawbridge", "Function", "accept-connections"} <= texts(SOURCES)


def test_a_metric_that_the_code_does_not_publish_is_told():
    assert not {"ConfigurationRefused"} <= texts(SOURCES)
