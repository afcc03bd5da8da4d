"""Service-managed stack sets: a template in every account of organizational units, also in one that joins later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...api_call import ApiCall
from .operations import StackSets
from .queries import StackSetQueries

__all__ = ["StackSets", "operations_of"]


def operations_of(stack_sets: StackSets) -> dict[str, Callable[[ApiCall], Any]]:
    """What they answer."""
    queries = StackSetQueries(stack_sets)
    return {
        "ActivateOrganizationsAccess": stack_sets.activate,
        "DescribeOrganizationsAccess": stack_sets.access,
        "CreateStackSet": stack_sets.create,
        "UpdateStackSet": stack_sets.update,
        "DeleteStackSet": stack_sets.delete,
        "CreateStackInstances": stack_sets.create_instances,
        "DeleteStackInstances": stack_sets.delete_instances,
        "DescribeStackSet": queries.describe_stack_set,
        "ListStackSets": queries.list_stack_sets,
        "ListStackInstances": queries.list_stack_instances,
        "DescribeStackInstance": queries.describe_stack_instance,
        "DescribeStackSetOperation": queries.describe_operation,
        "ListStackSetOperations": queries.list_operations,
        "ListStackSetOperationResults": queries.list_results,
    }
