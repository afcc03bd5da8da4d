"""`GET resolve?account=&vpc=&name=&type=`: what a name resolves to in a VPC, or without `vpc` in the public DNS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..control_api import ControlError, ControlRequest
from .names import InvalidName
from .resolver import Resolver, Unresolvable
from .vpcs import Vpc

if TYPE_CHECKING:
    from ..server import Emulator

PARAMETERS = {"account", "vpc", "name", "type"}


def install(app: Emulator, resolver: Resolver) -> None:
    """Register the route."""

    def resolve(request: ControlRequest) -> dict[str, Any]:
        unknown = sorted(set(request.query) - PARAMETERS)
        if unknown or not request.query.get("name"):
            raise ControlError(f"resolve needs name and takes {sorted(PARAMETERS)}; unknown: {unknown}")
        account, vpc = request.query.get("account", ""), None
        if "vpc" in request.query:
            vpc = _find(account, request.query["vpc"])
        try:
            answer = resolver.resolve(request.query["name"], request.query.get("type", "A"), vpc, account)
        except InvalidName as error:
            raise ControlError(str(error)) from None
        except Unresolvable as error:
            raise ControlError(str(error), 501) from None
        return answer.describe()

    app.control("GET", "resolve", resolve)


def _find(account: str, vpc_id: str) -> Vpc:
    backends = ec2_backends.get(account, {})
    for region, backend in list(backends.items()):
        if vpc_id in backend.vpcs:
            return Vpc(region, vpc_id)
    raise ControlError(f"the account {account or '(none given)'} has no VPC {vpc_id}", 404)
