"""The operations that look at stack sets."""

from __future__ import annotations

from typing import Any

from ...api_call import ApiCall, AwsError
from .model import Operation
from .operations import StackSets

PAGE = 100


class StackSetQueries:
    """They change nothing."""

    def __init__(self, stack_sets: StackSets) -> None:
        self._stack_sets = stack_sets

    def describe_stack_set(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackSet."""
        return {"StackSet": self._stack_sets.demand(call).describe()}

    def list_stack_sets(self, call: ApiCall) -> dict[str, Any]:
        """ListStackSets."""
        return _page(call, [one.summarize() for one in self._stack_sets.of(call)])

    def list_stack_instances(self, call: ApiCall) -> dict[str, Any]:
        """ListStackInstances, of an account or Region, or by their detailed status."""
        stack_set = self._stack_sets.demand(call)
        account, region = call.parameter("StackInstanceAccount"), call.parameter("StackInstanceRegion")
        wanted = {item["Name"]: item["Values"].split(",") for item in call.parameter("Filters", [])}
        if set(wanted) - {"DETAILED_STATUS"}:
            raise AwsError("NotImplemented", f"the emulator doesn't filter by {sorted(wanted)}", 501)
        found = [
            one.describe(stack_set)
            for one in stack_set.instances.values()
            if account in (None, one.account)
            and region in (None, one.region)
            and one.detail in wanted.get("DETAILED_STATUS", [one.detail])
        ]
        return _page(call, found)

    def describe_stack_instance(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackInstance."""
        stack_set = self._stack_sets.demand(call)
        place = (call.parameter("StackInstanceAccount"), call.parameter("StackInstanceRegion"))
        instance = stack_set.instances.get(place)
        if instance is None:
            raise AwsError("StackInstanceNotFoundException", f"Stack instance not found for {place}", 404)
        overrides = [{"ParameterKey": key, "ParameterValue": value} for key, value in instance.overrides.items()]
        return {"StackInstance": instance.describe(stack_set) | {"ParameterOverrides": overrides}}

    def describe_operation(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackSetOperation."""
        stack_set, operation = self._stack_sets.demand(call), self._operation(call)
        return {"StackSetOperation": operation.summarize() | {"StackSetId": stack_set.id}}

    def list_operations(self, call: ApiCall) -> dict[str, Any]:
        """ListStackSetOperations, the newest first."""
        return _page(call, [one.summarize() for one in self._stack_sets.demand(call).operations[::-1]])

    def list_results(self, call: ApiCall) -> dict[str, Any]:
        """ListStackSetOperationResults."""
        results = self._operation(call).results
        found = [
            {"Account": account, "Region": region, "Status": status, "OrganizationalUnitId": unit}
            | ({"StatusReason": reason} if reason else {})
            for (account, region), (status, reason, unit) in results.items()
        ]
        return _page(call, found)

    def _operation(self, call: ApiCall) -> Operation:
        wanted = call.parameter("OperationId")
        for operation in self._stack_sets.demand(call).operations:
            if operation.id == wanted:
                return operation
        raise AwsError("OperationNotFoundException", f"Operation {wanted} not found", 404)


def _page(call: ApiCall, items: list[Any]) -> dict[str, Any]:
    first, size = int(call.parameter("NextToken", 0)), int(call.parameter("MaxResults", PAGE))
    answer: dict[str, Any] = {"Summaries": items[first : first + size]}
    return answer | ({"NextToken": str(first + size)} if first + size < len(items) else {})
