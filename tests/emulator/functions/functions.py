"""All functions of all accounts: their environments, kept warm between events, and their concurrency."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction
from moto.sts.models import sts_backends

from ..api_call import AwsError
from ..delivery.sender import Sender
from ..delivery.undeliverable import no_resource
from ..permissions import PARTITION, service_may_assume
from . import function as functions_of_moto
from .asynchronous import AsynchronousInvocations
from .configuration import SERVICE
from .environment import Environment
from .function import Function
from .invocation import Invocation, Result, TooManyRequests
from .log_stream import LogStream
from .package import Packages

if TYPE_CHECKING:
    from ..server import Emulator

SESSION_SECONDS = 12 * 3600
LOOK_AGAIN_SECONDS = 1.0


class Functions:
    """Runs functions. The setting `function_processes` bounds the machine's load: what is above it waits."""

    def __init__(self, app: Emulator) -> None:
        self.asynchronous = AsynchronousInvocations(app, self)
        self._app = app
        self._packages = Packages()
        self._changed = threading.Condition()
        self._idle: list[Environment] = []
        self._busy: list[Environment] = []
        self._running: dict[tuple[str, str, str], int] = {}
        self._reset = 0

    def invoke(self, record: LambdaFunction, payload: bytes, client_context: str | None = None) -> Result:
        """Invoke a function and wait for its answer; raises TooManyRequests when its concurrency is used up."""
        function = functions_of_moto.read(record)
        self._count_in(function)
        try:
            environment = self._take(function)
            try:
                return environment.invoke(Invocation(record.function_arn, payload, client_context=client_context))
            finally:
                self._give_back(environment)
        finally:
            self._count_out(function)

    def deliver(self, sender: Sender, function_arn: str, payload: str) -> None:
        """Invoke a function asynchronously for another service, if its policy lets it; raises Undeliverable."""
        try:
            record = functions_of_moto.find(function_arn)
        except UnknownFunctionException as error:
            raise no_resource(function_arn) from error
        sender.demand("lambda:InvokeFunction", function_arn, functions_of_moto.policy_of(record))
        self.asynchronous.submit(function_arn, payload.encode())

    def discard(self, account: str, region: str, name: str) -> None:
        """End the idle environments of a function (deleted, or changed)."""
        with self._changed:
            gone = [environment for environment in self._idle if environment.function.key == (account, region, name)]
            self._idle = [environment for environment in self._idle if environment not in gone]
        self._close(gone)

    def kill(self, name: str, only_busy: bool) -> list[int]:
        """Kill the processes of functions with that name, in the middle of what they do; returns their ids."""
        with self._changed:
            chosen = [*self._busy] if only_busy else [*self._busy, *self._idle]
        killed = []
        for environment in chosen:
            if environment.function.name == name and environment.pid is not None and environment.alive:
                killed.append(environment.pid)
                environment.kill()
        return killed

    def lose_processes(self) -> list[int]:
        """Kill the processes of all functions; returns their ids."""
        with self._changed:
            lost = [environment for environment in [*self._busy, *self._idle] if environment.alive]
        killed = [environment.pid for environment in lost if environment.pid is not None]
        for environment in lost:
            environment.kill()
        return killed

    def list(self) -> list[dict[str, Any]]:
        """All environments, for the control API."""
        with self._changed:
            return [
                {
                    "account": environment.function.account,
                    "region": environment.function.region,
                    "function": environment.function.name,
                    "version": environment.function.version,
                    "pid": environment.pid,
                    "state": environment.state,
                    "request_id": environment.request_id,
                    "invocations": environment.invocations,
                }
                for environment in [*self._busy, *self._idle]
            ]

    def reset(self) -> None:
        """End everything; what still runs loses its process."""
        self.asynchronous.reset()
        with self._changed:
            self._reset += 1
            environments, self._idle = [*self._idle, *self._busy], []
            self._changed.notify_all()
        self._close(environments)

    def stop(self) -> None:
        """End everything for good."""
        self.reset()
        self._packages.remove()

    # Concurrency.

    def _count_in(self, function: Function) -> None:
        with self._changed:
            running = self._running.get(function.key, 0)
            if function.reserved_concurrency is not None and running >= function.reserved_concurrency:
                raise TooManyRequests("ReservedFunctionConcurrentInvocationLimitExceeded")
            self._running[function.key] = running + 1

    def _count_out(self, function: Function) -> None:
        with self._changed:
            self._running[function.key] -= 1

    # Environments.

    def _take(self, function: Function) -> Environment:
        """A warm environment of the function, or a new one as soon as the machine has room for it."""
        fingerprint = function.fingerprint
        with self._changed:
            reset = self._reset
            while True:
                self._remove_outdated(function, fingerprint)
                for environment in self._idle:
                    if environment.function.key == function.key and environment.fingerprint == fingerprint:
                        self._idle.remove(environment)
                        self._busy.append(environment)
                        return environment
                if self._has_too_few(function) and self._make_room():
                    environment = self._new(function)
                    self._busy.append(environment)
                    return environment
                self._changed.wait(LOOK_AGAIN_SECONDS)  # a setting may have changed
                if reset != self._reset:
                    raise TooManyRequests("the emulator was reset")

    def _remove_outdated(self, function: Function, fingerprint: str) -> None:
        outdated = [
            environment
            for environment in self._idle
            if not environment.alive
            or (
                (environment.function.key, environment.function.version) == (function.key, function.version)
                and environment.fingerprint != fingerprint
            )
        ]
        self._idle = [environment for environment in self._idle if environment not in outdated]
        self._close(outdated)

    def _has_too_few(self, function: Function) -> bool:
        """Whether the function may have one more environment."""
        of_the_function = [one for one in (*self._idle, *self._busy) if one.function.key == function.key]
        return len(of_the_function) < self._app.settings["environments_of_a_function"]

    def _make_room(self) -> bool:
        """Whether another process may start; ends the idle environment that was used longest ago if need be."""
        if len(self._idle) + len(self._busy) < self._app.settings["function_processes"]:
            return True
        if not self._idle:
            return False
        oldest = min(self._idle, key=lambda environment: environment.used_at)
        self._idle.remove(oldest)
        self._close([oldest])
        return True

    def _give_back(self, environment: Environment) -> None:
        with self._changed:
            self._busy.remove(environment)
            if environment.alive:
                self._idle.append(environment)
            self._changed.notify_all()

    def _new(self, function: Function) -> Environment:
        app, arn = self._app, function.arn

        def refuse(reason: str) -> None:
            app.dropped.record(arn, function.log_group, reason, "the log of an environment")

        stream = LogStream(
            function.account, function.region, function.log_group, function.version, function.role,
            function.logs_as_json, refuse,
        )  # fmt: skip
        variables = function.variables | function.environment() | self._credentials(function)
        variables.setdefault("AWS_ENDPOINT_URL", app.url)
        return Environment(function, self._packages.unpack(function.code), variables, stream)

    def _credentials(self, function: Function) -> dict[str, str]:
        """A session of the function's role, as Lambda gets it from STS."""
        assumable = service_may_assume(function.role, SERVICE, function.arn, function.account)
        if not assumable.allowed:
            message = f"The role defined for the function cannot be assumed by Lambda. ({assumable.reason})"
            raise AwsError("AccessDeniedException", message, 403)
        session = sts_backends[function.account][PARTITION].assume_role(
            region_name=function.region,
            role_session_name=function.name,
            role_arn=function.role,
            policy="",
            duration=SESSION_SECONDS,
            external_id="",
        )
        self._app.callers.add_session(session)
        return {
            "AWS_ACCESS_KEY_ID": session.access_key_id,
            "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
            "AWS_SESSION_TOKEN": session.session_token,
        }

    @staticmethod
    def _close(environments: list[Environment]) -> None:
        for environment in environments:
            environment.close()
