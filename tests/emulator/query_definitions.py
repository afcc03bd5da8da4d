"""Saved queries of CloudWatch Logs Insights, which moto lacks: they are kept, shown and deleted."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from .api_call import ApiCall, AwsError

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

PAGE = 1000


class QueryDefinitions:
    """All saved queries, by account and Region, then by id."""

    def __init__(self) -> None:
        self._definitions: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def put(self, call: ApiCall) -> dict[str, Any]:
        """PutQueryDefinition: a new one, or another text for the one with the given id."""
        known = self._of(call)
        identifier = call.parameter("queryDefinitionId")
        if identifier is None:
            identifier = str(uuid.uuid4())
        elif identifier not in known:
            raise AwsError("ResourceNotFoundException", "The specified query definition does not exist.", 400)
        known[identifier] = {
            "queryDefinitionId": identifier,
            "name": call.parameter("name"),
            "queryString": call.parameter("queryString"),
            "lastModified": int(time.time() * 1000),
            "logGroupNames": call.parameter("logGroupNames", []),
            "queryLanguage": call.parameter("queryLanguage", "CWLI"),
        }
        return {"queryDefinitionId": identifier}

    def describe(self, call: ApiCall) -> dict[str, Any]:
        """DescribeQueryDefinitions."""
        prefix = call.parameter("queryDefinitionNamePrefix", "")
        found = [shown for shown in self._of(call).values() if shown["name"].startswith(prefix)]
        return {"queryDefinitions": found[: call.parameter("maxResults", PAGE)]}

    def delete(self, call: ApiCall) -> dict[str, Any]:
        """DeleteQueryDefinition."""
        if self._of(call).pop(call.parameter("queryDefinitionId"), None) is None:
            raise AwsError("ResourceNotFoundException", "The specified query definition does not exist.", 400)
        return {"success": True}

    def reset(self) -> None:
        """Forget them."""
        self._definitions.clear()

    def _of(self, call: ApiCall) -> dict[str, dict[str, Any]]:
        return self._definitions.setdefault((call.account, call.region), {})


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations."""
    definitions = QueryDefinitions()
    hooks.operation("logs", "PutQueryDefinition", definitions.put)
    hooks.operation("logs", "DescribeQueryDefinitions", definitions.describe)
    hooks.operation("logs", "DeleteQueryDefinition", definitions.delete)
    app.on_reset(definitions.reset)
