"""Event source mappings: queues that wake functions (streams are refused)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend

from ..api_call import ApiCall, AwsError
from ..functions import function as functions_of_moto
from ..functions.operations import find_function
from .mapping import SETTINGS, Mapping, check, check_parameters
from .poller import Poller

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

PAGE = 100


class EventSourceMappings:
    """The operations on mappings, and the poller of each."""

    def __init__(self, app: Emulator) -> None:
        self._app = app
        self._pollers: dict[str, Poller] = {}

    def create(self, call: ApiCall) -> Any:
        """CreateEventSourceMapping."""
        check_parameters(call.parameters)
        record = find_function(call)
        qualified = call.parameter("FunctionName").split(":function:")[-1].partition(":")[2]
        mapping = Mapping(
            account=call.account,
            region=call.region,
            queue_arn=call.parameter("EventSourceArn", ""),
            function_arn=f"{record.function_arn}:{qualified}"
            if qualified and record.version == "$LATEST"
            else record.function_arn,
            enabled=call.parameter("Enabled", True),
            settings={name: call.parameters[name] for name in SETTINGS if call.parameters.get(name) is not None},
            tags=dict(call.parameter("Tags", {})),
        )
        check(mapping, record)
        for poller in self._pollers.values():
            other = poller.mapping
            if (other.queue_arn, other.function_arn) == (mapping.queue_arn, mapping.function_arn):
                message = f'An event source mapping with SQS arn (" {mapping.queue_arn} ") and function '
                message += f'(" {record.function_name} ") already exists. Please update or delete the existing mapping with UUID'
                raise AwsError("ResourceConflictException", f"{message} {other.id}", 409)
        self._pollers[mapping.id] = Poller(self._app, mapping)
        return call.write(mapping.describe("Creating"), 202)

    def get(self, call: ApiCall) -> dict[str, Any]:
        """GetEventSourceMapping."""
        return self._find(call).mapping.describe()

    def update(self, call: ApiCall) -> Any:
        """UpdateEventSourceMapping: what isn't named stays as it is."""
        check_parameters(call.parameters)
        poller = self._find(call)
        old = poller.mapping
        changes = {name: call.parameters[name] for name in SETTINGS if call.parameters.get(name) is not None}
        function_arn = old.function_arn
        if call.parameter("FunctionName"):
            function_arn = find_function(call).function_arn
        new = Mapping(
            account=old.account,
            region=old.region,
            queue_arn=old.queue_arn,
            function_arn=function_arn,
            enabled=call.parameter("Enabled", old.enabled),
            settings=old.settings | changes,
            tags=old.tags,
            id=old.id,
            changed_at=datetime.now(UTC),
        )
        check(new, functions_of_moto.find(new.function_arn))
        poller.mapping = new
        return call.write(new.describe("Updating"), 202)

    def delete(self, call: ApiCall) -> Any:
        """DeleteEventSourceMapping."""
        poller = self._find(call)
        poller.stop()
        del self._pollers[poller.mapping.id]
        return call.write(poller.mapping.describe("Deleting"), 202)

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListEventSourceMappings."""
        found = [poller.mapping for poller in self._pollers.values() if self._is_callers(poller.mapping, call)]
        if call.parameter("EventSourceArn"):
            found = [mapping for mapping in found if mapping.queue_arn == call.parameter("EventSourceArn")]
        if call.parameter("FunctionName"):
            arn = find_function(call).function_arn
            found = [mapping for mapping in found if mapping.function_arn.startswith(arn)]
        begin = int(call.parameter("Marker", 0))
        page = found[begin : begin + min(call.parameter("MaxItems", PAGE), PAGE)]
        answer: dict[str, Any] = {"EventSourceMappings": [mapping.describe() for mapping in page]}
        if begin + len(page) < len(found):
            answer["NextMarker"] = str(begin + len(page))
        return answer

    def show(self, _: Any) -> dict[str, Any]:
        """All mappings, for the control API."""
        pollers = [*self._pollers.values()]
        return {"mappings": [{**poller.mapping.describe(), "at_work": poller.at_work} for poller in pollers]}

    def find_by_arn(self, arn: str) -> Mapping | None:
        """The mapping of an ARN, for its tags."""
        poller = self._pollers.get(arn.rsplit(":", 1)[-1])
        return poller.mapping if poller else None

    def begin_anew(self) -> None:
        """Lose the pollers with all that they have in hand, and start others."""
        for identifier, lost in [*self._pollers.items()]:
            lost.abandon()
            self._pollers[identifier] = Poller(self._app, lost.mapping)

    def reset(self) -> None:
        """Forget all mappings."""
        for poller in self._pollers.values():
            poller.stop()
        self._pollers = {}

    def _find(self, call: ApiCall) -> Poller:
        poller = self._pollers.get(call.parameter("UUID"))
        if poller is None or not self._is_callers(poller.mapping, call):
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        return poller

    @staticmethod
    def _is_callers(mapping: Mapping, call: ApiCall) -> bool:
        return (mapping.account, mapping.region) == (call.account, call.region)


def install(hooks: Hooks, app: Emulator) -> None:
    """Poll queues in moto's place."""
    mappings = app.event_source_mappings = EventSourceMappings(app)
    operations: dict[str, Callable[[ApiCall], Any]] = {
        "CreateEventSourceMapping": mappings.create,
        "GetEventSourceMapping": mappings.get,
        "UpdateEventSourceMapping": mappings.update,
        "DeleteEventSourceMapping": mappings.delete,
        "ListEventSourceMappings": mappings.list,
    }
    for name, function in operations.items():
        hooks.operation("lambda", name, function)

    def resource(original: Any, backend: LambdaBackend, arn: str) -> Any:
        return mappings.find_by_arn(arn) if ":event-source-mapping:" in arn else original(backend, arn)

    hooks.wrap(LambdaBackend, "_get_resource_by_arn", resource)
    app.control("GET", "event-source-mappings", mappings.show)
    app.on_reset(mappings.reset)
    app.on_stop(mappings.reset)
