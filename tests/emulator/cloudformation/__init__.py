"""CloudFormation: stacks and change sets, with an engine of its own in moto's place.

moto's reports success for types, and for properties, that it leaves out. Here a resource is made by calls of its service
(`resources/`), through the emulator's own port; what is neither known to us nor to moto is refused by name.
`stacks.py` takes requests, `template.py`, `parameters.py`, `rules.py`, `functions.py` and `dependencies.py` give them
meaning, `deployment.py` carries them out; `stack_sets/` does so for an Organization. Nested stacks, transforms, custom resources and imports are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from ..api_call import ApiCall
from .caller import Clients
from .queries import Queries, refuse
from .stack_sets import StackSets, operations_of
from .stacks import Stacks

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

SERVICE = "cloudformation"


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer every operation of CloudFormation, if only by a refusal."""
    clients = Clients(app)
    stacks = Stacks(clients)
    stack_sets = StackSets(app, stacks, clients)
    queries = Queries(stacks)
    operations: dict[str, Callable[[ApiCall], Any]] = {
        "CreateStack": stacks.create,
        "UpdateStack": stacks.update,
        "DeleteStack": stacks.delete,
        "CreateChangeSet": stacks.create_change_set,
        "ExecuteChangeSet": stacks.execute_change_set,
        "DeleteChangeSet": stacks.delete_change_set,
        "DescribeStacks": queries.describe_stacks,
        "ListStacks": queries.list_stacks,
        "DescribeStackEvents": queries.describe_stack_events,
        "DescribeStackResources": queries.describe_stack_resources,
        "DescribeStackResource": queries.describe_stack_resource,
        "ListStackResources": queries.list_stack_resources,
        "GetTemplate": queries.get_template,
        "GetTemplateSummary": queries.get_template_summary,
        "ValidateTemplate": queries.validate_template,
        "DescribeChangeSet": queries.describe_change_set,
        "ListChangeSets": queries.list_change_sets,
        "ListExports": queries.list_exports,
        "ListImports": queries.list_imports,
        "UpdateTerminationProtection": queries.update_termination_protection,
        **operations_of(stack_sets),
    }
    for name in get_service_model(SERVICE).operation_names:
        hooks.operation(SERVICE, name, operations.get(name, refuse))
    app.on_reset(stacks.reset)
    app.on_reset(stack_sets.reset)
