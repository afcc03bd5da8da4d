"""Tasks of an ECS service, of which Cloud Map and EventBridge are told as ECS does it."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.clients import REGION

from .cloud_map import CloudMap


@dataclass(frozen=True)
class Tasks:
    """The tasks of an ECS service, which ECS registers in a service of Cloud Map by its ARN."""

    cloud_map: CloudMap
    service: str
    arn: str

    def start(self, address: str) -> None:
        """A task has this address, and is registered and running."""
        self.cloud_map.register(self.arn, self.id(address), AWS_INSTANCE_IPV4=address)
        self.tell(address, "RUNNING")

    def stop(self, address: str) -> None:
        """It is deregistered, and has stopped."""
        self.cloud_map.deregister(self.arn, self.id(address))
        self.tell(address, "STOPPED")

    def check(self, address: str, status: str) -> None:
        """ECS says by its health check how the task is: `HEALTHY` or `UNHEALTHY`."""
        self.cloud_map.set_health(self.arn, self.id(address), status)

    def tell(self, address: str, state: str) -> None:
        """EventBridge is told that a task is in a state."""
        task = {"account": self.cloud_map.account, "region": REGION, "service": self.service, "address": address}
        self.cloud_map.aws.control("POST", "ecs/task-state", task | {"state": state})

    @staticmethod
    def id(address: str) -> str:
        """The id of a task's instance."""
        return f"task-{address.replace('.', '-')}"
