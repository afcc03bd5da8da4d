"""Tasks of ECS, as far as EventBridge hears of them: `POST ecs/task-state` (ECS developer guide, "Amazon ECS task state change events").

There is no ECS here: whoever runs a task registers and deregisters it in Cloud Map himself, as ECS does with service discovery.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

STATES = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED")


def install(_hooks: Hooks, app: Emulator) -> None:
    """Answer the control route."""

    def tell(request: ControlRequest) -> None:
        fields = request.fields("account", "region", "service", "address", "state")
        missing = {"account", "region", "service", "address", "state"} - set(fields)
        if missing:
            raise ControlError(f"missing members {sorted(missing)}")
        if fields["state"] not in STATES:
            raise ControlError(f"the state must be one of {STATES}")
        account, region, service = fields["account"], fields["region"], fields["service"]
        task = f"arn:aws:ecs:{region}:{account}:task/{service}/{uuid.uuid4().hex}"
        address = [{"name": "privateIPv4Address", "value": fields["address"]}]
        attachment = {"id": str(uuid.uuid4()), "type": "eni", "status": "ATTACHED", "details": address}
        detail = {
            "attachments": [attachment],
            "clusterArn": f"arn:aws:ecs:{region}:{account}:cluster/{service}",
            "containers": [{"name": service, "lastStatus": fields["state"], "cpu": "null"}],
            "desiredStatus": "RUNNING" if STATES.index(fields["state"]) <= STATES.index("RUNNING") else "STOPPED",
            "group": f"service:{service}",
            "lastStatus": fields["state"],
            "launchType": "FARGATE",
            "taskArn": task,
            "version": 1 + STATES.index(fields["state"]),
        }
        app.buses.put_service_event(account, region, "aws.ecs", "ECS Task State Change", detail, [task])

    app.control("POST", "ecs/task-state", tell)
