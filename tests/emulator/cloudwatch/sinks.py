"""CloudWatch Observability Access Manager: sinks of monitoring accounts, and the links of source accounts to them.

API Reference of OAM: a monitoring account has one sink in a Region; its policy says who may link what
(`oam:ResourceTypes`); one link leads from an account to a sink, never within the account; a sink with links stays. What
is linked, but for metrics, and filters of metrics are kept and do nothing here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..permissions import request_of
from ..policy_documents import Principal, judge
from .links import Links

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

SERVICE = "oam"
METRICS = "AWS::CloudWatch::Metric"


@dataclass
class Sink:
    """Where accounts link to."""

    arn: str
    name: str
    tags: dict[str, str]
    policy: str | None = None


@dataclass
class Link:
    """An account's link."""

    arn: str
    sink: Sink
    types: list[str]
    template: str
    tags: dict[str, str]
    configuration: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """As the API tells of it."""
        shown = {"Arn": self.arn, "Id": _id(self.arn), "Label": self.template, "LabelTemplate": self.template}
        shown |= {"ResourceTypes": self.types, "SinkArn": self.sink.arn, "Tags": self.tags}
        return shown | ({"LinkConfiguration": self.configuration} if self.configuration else {})


class Sinks:
    """All sinks and links, by ARN."""

    def __init__(self, links: Links) -> None:
        self._metrics = links
        self._sinks: dict[str, Sink] = {}
        self._links: dict[str, Link] = {}

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer the operations."""
        app.on_reset(self._sinks.clear)
        app.on_reset(self._links.clear)
        hooks.operation(SERVICE, "CreateSink", self.create_sink)
        hooks.operation(SERVICE, "PutSinkPolicy", self.put_policy)
        hooks.operation(SERVICE, "GetSinkPolicy", self.get_policy)
        hooks.operation(SERVICE, "DeleteSink", self.delete_sink)
        hooks.operation(SERVICE, "CreateLink", self.create_link)
        hooks.operation(SERVICE, "UpdateLink", self.update_link)
        hooks.operation(SERVICE, "GetLink", lambda call: self._link(call).describe())
        hooks.operation(SERVICE, "DeleteLink", self.delete_link)

    def create_sink(self, call: ApiCall) -> dict[str, Any]:
        """CreateSink: the one of its account and Region."""
        if any(_place(arn) == (call.account, call.region) for arn in self._sinks):
            raise AwsError("ConflictException", "The account has a sink in this Region.", 409)
        sink = Sink(_arn(call, "sink"), call.parameters["Name"], call.parameter("Tags", {}))
        self._sinks[sink.arn] = sink
        return {"Arn": sink.arn, "Id": _id(sink.arn), "Name": sink.name, "Tags": sink.tags}

    def put_policy(self, call: ApiCall) -> dict[str, Any]:
        """PutSinkPolicy."""
        sink = self._own_sink(call, "SinkIdentifier")
        sink.policy = call.parameters["Policy"]
        return self.get_policy(call)

    def get_policy(self, call: ApiCall) -> dict[str, Any]:
        """GetSinkPolicy."""
        sink = self._own_sink(call, "SinkIdentifier")
        return {"SinkArn": sink.arn, "SinkId": _id(sink.arn), "Policy": sink.policy}

    def delete_sink(self, call: ApiCall) -> dict[str, Any]:
        """DeleteSink, which links prevent."""
        sink = self._own_sink(call, "Identifier")
        if any(link.sink is sink for link in self._links.values()):
            raise AwsError("ConflictException", "The sink has links.", 409)
        del self._sinks[sink.arn]
        return {}

    def create_link(self, call: ApiCall) -> dict[str, Any]:
        """CreateLink, if the sink's policy lets the account link these types."""
        types = call.parameters["ResourceTypes"]
        sink = self._sinks.get(call.parameters["SinkIdentifier"])
        if sink is None or _place(sink.arn)[1] != call.region:
            raise AwsError("ResourceNotFoundException", "There is no such sink in this Region.", 404)
        if _place(sink.arn)[0] == call.account:
            raise AwsError("InvalidParameterException", "An account can't be linked to itself.", 400)
        if any(link.sink is sink and _place(link.arn) == (call.account, call.region) for link in self._links.values()):
            raise AwsError("ConflictException", "The account is linked to this sink.", 409)
        self._check(call, sink, types)
        template, more = call.parameters["LabelTemplate"], call.parameter("LinkConfiguration")
        link = Link(_arn(call, "link"), sink, types, template, call.parameter("Tags", {}), more)
        self._links[link.arn] = link
        self._see(link)
        return link.describe()

    def update_link(self, call: ApiCall) -> dict[str, Any]:
        """UpdateLink: other types, another filter."""
        link = self._link(call)
        self._check(call, link.sink, call.parameters["ResourceTypes"])
        link.types, link.configuration = call.parameters["ResourceTypes"], call.parameter("LinkConfiguration")
        self._see(link)
        return link.describe()

    def delete_link(self, call: ApiCall) -> dict[str, Any]:
        """DeleteLink."""
        link = self._link(call)
        del self._links[link.arn]
        self._see(link)
        return {}

    def _check(self, call: ApiCall, sink: Sink, types: list[str]) -> None:
        asks = Principal(call.account, frozenset([call.caller.arn]))
        asked = request_of(asks, f"oam:{call.operation}", sink.arn, {"oam:ResourceTypes": types})
        judged = judge(sink.policy, asked)
        if not judged.allowed:
            message = (
                f"User: {call.caller.arn} is not authorized to perform: {asked.action} on {sink.arn}: {judged.reason}"
            )
            raise AwsError("AccessDeniedException", message, 403)

    def _see(self, link: Link) -> None:
        """Have the metrics seen by the monitoring account, or no more."""
        (source, region), (monitoring, _) = _place(link.arn), _place(link.sink.arn)
        self._metrics.put(monitoring, source, region, link.arn in self._links and METRICS in link.types)

    def _own_sink(self, call: ApiCall, parameter: str) -> Sink:
        sink = self._sinks.get(call.parameters[parameter])
        if sink is None or _place(sink.arn) != (call.account, call.region):
            raise AwsError("ResourceNotFoundException", "There is no such sink.", 404)
        return sink

    def _link(self, call: ApiCall) -> Link:
        link = self._links.get(call.parameters["Identifier"])
        if link is None or _place(link.arn) != (call.account, call.region):
            raise AwsError("ResourceNotFoundException", "There is no such link.", 404)
        return link


def _arn(call: ApiCall, kind: str) -> str:
    return f"arn:aws:oam:{call.region}:{call.account}:{kind}/{uuid.uuid4()}"


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _place(arn: str) -> tuple[str, str]:
    _, _, _, region, account, _ = arn.split(":")
    return account, region
