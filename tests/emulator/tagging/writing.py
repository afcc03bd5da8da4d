"""TagResources and UntagResources: an answer for each resource, and HTTP 200 also when all of them failed.

API Reference: 20 resources, 50 tags; two permissions are needed, `tag:TagResources` for the call and the service's own for
the resource, without which the resource fails by AccessDeniedException. Faults on order may let resources fail, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from ..api_call import ApiCall, AwsError
from ..identity.demand import Demand, of_everything
from .keeper import MOST_TAGS, RESERVED, Keeper, Keepers, Place, lies_in
from .reading import API, check_arns, invalid

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_ARNS = 20
LONGEST_KEY = 128
LONGEST_VALUE = 256

Change = Callable[[Keeper, Place, str], None]
DemandsOf = Callable[[Keeper, Place, str], Iterable[Demand]]


class Writing:
    """The operations."""

    def __init__(self, keepers: Keepers, app: Emulator) -> None:
        self._keepers = keepers
        self._app = app

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer them, and have them judged."""
        hooks.operation(API, "TagResources", self.tag)
        hooks.operation(API, "UntagResources", self.untag)
        for name in ("TagResources", "UntagResources"):
            app.authorization.demand(API, name, of_everything)

    def tag(self, call: ApiCall) -> dict[str, Any]:
        """TagResources."""
        tags = call.parameter("Tags", {})
        if not 1 <= len(tags) <= MOST_TAGS:
            raise invalid(f"Tags must have 1 to {MOST_TAGS} tags.")
        for key, value in tags.items():
            if key.lower().startswith(RESERVED):
                raise invalid(f"Tag keys that begin with {RESERVED} are reserved.")
            if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
                raise invalid(f"Keys have {LONGEST_KEY} and values {LONGEST_VALUE} characters at the most.")
        return self._each(
            call,
            lambda keeper, place, arn: keeper.write(place, arn, tags),
            lambda keeper, place, arn: keeper.demands_of_writing(place, arn, tags),
        )

    def untag(self, call: ApiCall) -> dict[str, Any]:
        """UntagResources; a key that isn't there is no error."""
        keys = call.parameter("TagKeys", [])
        return self._each(
            call,
            lambda keeper, place, arn: keeper.take(place, arn, keys),
            lambda keeper, place, arn: keeper.demands_of_taking(place, arn, keys),
        )

    def _each(self, call: ApiCall, change: Change, demands: DemandsOf) -> dict[str, Any]:
        arns = list(dict.fromkeys(call.parameter("ResourceARNList", [])))
        if not 1 <= len(arns) <= MOST_ARNS:
            raise invalid(f"ResourceARNList must have 1 to {MOST_ARNS} ARNs.")
        check_arns(arns)
        failed = {arn: self._failure(call, arn, change, demands) for arn in arns}
        return {"FailedResourcesMap": {arn: failure for arn, failure in failed.items() if failure is not None}}

    def _failure(self, call: ApiCall, arn: str, change: Change, demands: DemandsOf) -> dict[str, Any] | None:
        """Why the resource was not changed; None when it was."""
        place, keeper = Place(call.account, call.region), self._keepers.of(arn)
        if arn in call.failing_items:
            code, message = call.failing_items[arn]
            return _describe(AwsError(code, message))
        if not lies_in(arn, place):
            return _describe(invalid(f"{arn} is not in {place.region} of account {place.account}."))
        refusal = self._app.authorization.refusal(call, demands(keeper, place, arn))
        if refusal is not None:
            return _describe(AwsError("AccessDeniedException", str(refusal.message), refusal.status))
        try:
            with self._keepers.lock(keeper):
                change(keeper, place, arn)
        except ServiceException as error:
            return _describe(error)
        return None


def _describe(error: ServiceException) -> dict[str, Any]:
    status = getattr(error, "status", None) or 400
    return {"StatusCode": status, "ErrorCode": error.code, "ErrorMessage": str(error.message)}
