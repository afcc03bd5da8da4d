"""DescribeVpcs in pages, as AWS answers it; moto always answers everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.ec2.responses.vpcs import VPCs

from .operation import page
from .registry import Registry

if TYPE_CHECKING:
    from ..hooks import Hooks

SMALLEST_PAGE = 5


class Asked:
    """The parameters of a request in moto's hands, for `page`."""

    operation = "DescribeVpcs"

    def __init__(self, response: Any) -> None:
        self._response = response

    def parameter(self, name: str) -> Any:
        """A parameter by its AWS name."""
        return self._response._get_param(name)


def install(hooks: Hooks, registry: Registry) -> None:
    """Put moto's answer into pages."""

    def describe_vpcs(original: Any, response: Any) -> ActionResult:
        numbered = list(enumerate(original(response).result["Vpcs"], start=1))
        shown, token = page(registry, Asked(response), numbered, lambda item: item[0], smallest=SMALLEST_PAGE)
        return ActionResult({"Vpcs": [vpc for _, vpc in shown], "NextToken": token})

    hooks.wrap(VPCs, "describe_vpcs", describe_vpcs)
