"""The control API: what tests ask of the emulator itself, under `/_emulator/`, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

PREFIX = "/_emulator"


class ControlError(Exception):
    """A control request that can't be carried out; `status` is the HTTP status of the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ControlRequest:
    """One request of the control API."""

    path: dict[str, str]
    query: dict[str, str]
    body: Any

    def fields(self, *known: str) -> dict[str, Any]:
        """The body as an object that has no other members than `known`."""
        if not isinstance(self.body, dict):
            raise ControlError("the body must be a JSON object")
        unknown = sorted(set(self.body) - set(known))
        if unknown:
            raise ControlError(f"unknown members {unknown}; known are {sorted(known)}")
        return self.body


class ControlApi:
    """The registry of the control routes, and their dispatch."""

    def __init__(self) -> None:
        self._routes = Map()
        self._functions: dict[str, Callable[[ControlRequest], Any]] = {}

    def register(self, method: str, path: str, function: Callable[[ControlRequest], Any]) -> None:
        """Answer `method` on `/_emulator/<path>` by `function`; parts like `<name>` of the path become `path["name"]`."""
        endpoint = f"{method} {PREFIX}/{path}"
        if endpoint in self._functions:
            raise ValueError(f"two extensions register {endpoint}")
        self._functions[endpoint] = function
        self._routes.add(Rule(f"{PREFIX}/{path}", methods=[method], endpoint=endpoint))

    def routes(self) -> list[str]:
        """All routes, for the index at `/_emulator`."""
        return sorted(self._functions)

    def answer(self, request: Request) -> Response:
        """Dispatch one control request."""
        if request.path.rstrip("/") == PREFIX:
            return _json({"routes": self.routes()})
        try:
            endpoint, path = self._routes.bind_to_environ(request.environ).match()
            body = json.loads(request.get_data()) if request.get_data() else {}
            result = self._functions[endpoint](ControlRequest(dict(path), request.args.to_dict(), body))
        except HTTPException as error:
            return _json(
                {"error": f"{request.method} {request.path}: {error.name}", "routes": self.routes()}, error.code
            )
        except ControlError as error:
            return _json({"error": str(error)}, error.status)
        except json.JSONDecodeError as error:
            return _json({"error": f"the body isn't JSON: {error}"}, 400)
        return result if isinstance(result, Response) else _json({} if result is None else result)


def _json(value: Any, status: int | None = 200) -> Response:
    return Response(json.dumps(value, default=str) + "\n", status=status, content_type="application/json")
