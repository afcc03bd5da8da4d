"""The server: one port for AWS's APIs, the control API and what extensions mount; and the list of the extensions."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import inspect
import io
import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from . import cbor, wire
from .api_call import ApiCall, AwsError
from .control_api import PREFIX, ControlApi, ControlRequest
from .dropped import DroppedDeliveries
from .front_door import FrontDoor
from .hooks import Hooks
from .identity.callers import Callers
from .settings import Settings

if TYPE_CHECKING:
    from .cloud_map.registry import Registry as CloudMap
    from .cloudwatch.registry import Registry
    from .delivery.buses import Buses
    from .event_source_mappings import EventSourceMappings
    from .functions.functions import Functions
    from .identity.authorization import Authorization
    from .privatelink.registry import Registry as PrivateLinkRegistry
    from .route53.resolver import Resolver
    from .route53.zones import Zones

# Every extension module, in the order of installation: this list is the only registration. Each has
# `install(hooks, app)`, or `install(hooks)` if it needs nothing of the server. Functions given to `app.around` nest in
# this order, so the log of calls is the outermost.
EXTENSIONS = [
    "calls",
    "dropped",
    "settings",
    "cloudtrail",
    "faults",
    "identity",
    "route53",
    "cloud_map",
    "profiles",
    "resolver_rules",
    "privatelink",
    "elastic_load_balancing",
    "cloudwatch",
    "tagging",
    "permissions",
    "event_patterns",
    "delivery",
    "ecs_tasks",
    "functions",
    "event_source_mappings",
    "outage",
    "appconfig",
    "scheduler",
    "query_definitions",
    "key_policies",
    "cloudformation",
]

# Operations of these services run one at a time: moto's backends aren't safe against threads, and none of these
# operations waits for anything. (Queues, functions and buses wait for each other: they stay concurrent.)
SERIAL_SERVICES = (
    "cloudwatch",
    "ec2",
    "elbv2",
    "iam",
    "oam",
    "sts",
    "organizations",
    "ram",
    "route53",
    "route53profiles",
    "route53resolver",
    "servicediscovery",
)

MONITORING = "/monitoring/aws4_request"

Proceed = Callable[[ApiCall], Response]
Around = Callable[[ApiCall, Proceed], Response]


class Emulator:
    """The WSGI application."""

    # Set by extensions, for the others.
    alarms: Registry
    authorization: Authorization
    buses: Buses
    cloud_map: CloudMap
    event_source_mappings: EventSourceMappings
    functions: Functions
    private_link: PrivateLinkRegistry
    resolver: Resolver
    zones: Zones
    # Set by `bind`.
    front_door: FrontDoor

    def __init__(self) -> None:
        if "MOTO_ACCOUNT_ID" in os.environ:
            raise RuntimeError("MOTO_ACCOUNT_ID is set: it would put every caller into one account")
        self.url = ""
        self.callers = Callers()
        self.hooks = Hooks()
        self.dropped = DroppedDeliveries()
        self.settings = Settings()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._control = ControlApi()
        self._around: list[Around] = []
        self._mounts: list[tuple[str, Callable[..., Any]]] = []
        self._on_reset: list[Callable[[], None]] = [self.callers.reset]
        self._on_stop: list[Callable[[], None]] = []
        self._locks = {service: threading.RLock() for service in SERIAL_SERVICES}
        self.control("POST", "reset", self._reset_requested)
        for name in EXTENSIONS:
            install = importlib.import_module(f"{__package__}.{name}").install
            install(*(self.hooks, self)[: len(inspect.signature(install).parameters)])

    # What extensions use.

    def control(self, method: str, path: str, function: Callable[[ControlRequest], Any]) -> None:
        """Register a route of the control API, for example `control("GET", "functions/<name>", function)`."""
        self._control.register(method, path, function)

    def around(self, function: Around) -> None:
        """Run `function(call, proceed)` around every API call; the first registered is the outermost."""
        self._around.append(function)

    def mount(self, prefix: str, application: Callable[..., Any]) -> None:
        """Serve a WSGI application below a path of the port, `/_runtime` for example."""
        self._mounts.append((prefix, application))

    def on_reset(self, function: Callable[[], None]) -> None:
        """Run `function` when everything is to be forgotten; moto's backends are emptied afterwards."""
        self._on_reset.append(function)

    def exclusively(self, service: str) -> AbstractContextManager[Any]:
        """Keep the operations of a service waiting that run one at a time; for what reaches into it from outside."""
        return self._locks.get(service, contextlib.nullcontext())

    def on_stop(self, function: Callable[[], None]) -> None:
        """Run `function` when the emulator ends (to end child processes)."""
        self._on_stop.append(function)

    # Serving.

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ.get("PATH_INFO", "")
        for prefix, application in self._mounts:
            if path == prefix or path.startswith(f"{prefix}/"):
                return application(environ, start_response)
        body = _unpacked(environ, _read_body(environ))
        request = Request(_with_body(environ, body))
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            response = self._control.answer(request)
        elif path == "/moto-api/reset":
            self.reset()
            response = Response('{"status": "ok"}\n', content_type="application/json")
        else:
            response = self._answer_api(request, body)
        return response(environ, start_response)

    def reset(self) -> None:
        """Forget everything: all accounts, all resources, all that the extensions remember."""
        for function in self._on_reset:
            function()
        _empty_backends()

    def stop(self) -> None:
        """End what extensions have started."""
        for function in reversed(self._on_stop):
            function()

    def _reset_requested(self, _: ControlRequest) -> None:
        self.reset()

    def _answer_api(self, request: Request, body: bytes) -> Response:
        environ = request.environ
        scope = wire.credential_scope(request)
        found = wire.find_operation(request, scope.service) if scope else None
        if scope is None or found is None:
            return self._answer_unknown(environ, body, scope)
        operation, labels = found
        service = operation.service_model.service_name
        protocol = wire.protocol_of(request, operation)

        def answer(result: object, status: int | None = None) -> Response:
            return wire.write(operation, result, call.request_id, protocol, status)

        def forward() -> Response:
            if protocol != cbor.PROTOCOL:
                return Response.from_app(self._moto, _with_body(environ, body), buffered=True)
            status, parsed = cbor.forward(self._moto, environ, operation, call.parameters)
            error = parsed.get("Error")
            return answer(AwsError(error["Code"], error.get("Message", "")), status) if error else answer(parsed)

        call = ApiCall(
            service=service,
            operation=operation.name,
            region=scope.region,
            caller=self.callers.find(scope.access_key),
            environ=environ,
            body=body,
            parameters=wire.parse_parameters(request, operation, labels),
            forward=forward,
            write=answer,
        )
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        proceed: Proceed = self._dispatch
        for function in reversed(self._around):
            proceed = _nest(function, proceed)
        return proceed(call)

    def _dispatch(self, call: ApiCall) -> Response:
        """Answer one call, by an extension's operation or else by moto; every failure has the protocol's form."""
        try:
            if call.caller.kind == "Unknown":
                raise self.callers.refusal(call)
            with self.exclusively(call.service):
                operation = self.hooks.find(call.service, call.operation)
                result = operation(call) if operation else call.forward()
            response = result if isinstance(result, Response) else call.write(result)
        except Exception as error:  # noqa: BLE001 - whatever is raised, the caller gets its protocol's error
            failure = _as_aws_error(call, error)
            return call.write(failure, getattr(failure, "status", None))
        if response.status_code in (404, 405) and response.mimetype == "text/html":
            return call.write(_not_there(call), 501)
        for action in call.afterwards:
            action()
        return response

    def _answer_unknown(self, environ: dict[str, Any], body: bytes, scope: wire.Scope | None) -> Response:
        """A request without signature, or one that names no operation botocore knows.

        Calls of an API need a signature; without one there are objects of S3, moto's own pages and the like.
        """
        if scope is None and ("HTTP_X_AMZ_TARGET" in environ or b"Action=" in body):
            message = "Request is missing Authentication Token"
            return Response(
                f'{{"__type": "MissingAuthenticationTokenException", "message": "{message}"}}\n', status=403
            )
        if scope is not None and scope.service not in ("s3", "execute-api"):
            message = f"the emulator finds no operation of {scope.service} in this request"
            return Response(f'{{"__type": "UnknownOperationException", "message": "{message}"}}\n', status=501)
        return Response.from_app(self._moto, _with_body(environ, body), buffered=True)


def _not_there(call: ApiCall, reason: str = "") -> AwsError:
    return AwsError("NotImplemented", f"the emulator doesn't have {call.service}:{call.operation}{reason}", 501)


def _as_aws_error(call: ApiCall, error: Exception) -> ServiceException:
    """An exception of an operation as an error of its service; what moto didn't foresee is an InternalError."""
    if isinstance(error, ServiceException):
        return error
    if isinstance(error, NotImplementedError):
        return _not_there(call, f" ({error})" if str(error) else "")
    if isinstance(error, HTTPException) and hasattr(error, "error_type"):
        return AwsError(str(error.error_type), str(getattr(error, "message", "")), error.code)
    traceback.print_exception(error, file=sys.stderr)
    return AwsError("InternalError", f"{type(error).__name__}: {error}", 500)


def _empty_backends() -> None:
    """moto's reset, less the pointless renewal of each backend before it is thrown away."""
    with backend_lock:
        for backends in BackendDict._instances:
            for account in backends.values():
                for backend in account.values():
                    if type(backend).reset is not BaseBackend.reset:
                        backend.reset()
            backends.clear()
        BackendDict._instances.clear()


def _nest(function: Around, proceed: Proceed) -> Proceed:
    return lambda call: function(call, proceed)


def _read_body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def _unpacked(environ: dict[str, Any], body: bytes) -> bytes:
    """The body of a call that an SDK has compressed (PutMetricData, from 10 KB on); an object of S3 stays as it is."""
    if environ.get("HTTP_CONTENT_ENCODING") != "gzip" or MONITORING not in environ.get("HTTP_AUTHORIZATION", ""):
        return body
    del environ["HTTP_CONTENT_ENCODING"]
    unpacked = gzip.decompress(body)
    environ["CONTENT_LENGTH"] = str(len(unpacked))
    return unpacked


def _with_body(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The environment with its input rewound; werkzeug keeps the parsed request in it, so the copy leaves that out."""
    kept = {key: value for key, value in environ.items() if key != "werkzeug.request"}
    return {**kept, "wsgi.input": io.BytesIO(body)}


def bind(port: int) -> Emulator:
    """An emulator with its front door on `port` of this machine (0 = a free one), which isn't open yet."""
    emulator = Emulator()
    emulator.front_door = FrontDoor(port, emulator)
    emulator.url = emulator.front_door.url
    os.environ["MOTO_PORT"] = str(emulator.front_door.port)
    return emulator
