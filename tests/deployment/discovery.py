"""Cloud Map and targets, as those see them who look things up and who run tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.clients import REGION

from .local_aws import LocalAws
from .waiting import wait_until


@dataclass(frozen=True)
class Discovery:
    """Cloud Map of one account."""

    aws: LocalAws
    account: str

    @property
    def api(self) -> Any:
        """Its API."""
        return self.aws.client("servicediscovery", self.account)

    def found(self, namespace: str, service: str) -> dict[str, dict[str, str]]:
        """The attributes of what a consumer finds, by the id of the instance; nothing where there is no such name."""
        try:
            answer = self.api.discover_instances(NamespaceName=namespace, ServiceName=service, HealthStatus="ALL")
        except (self.api.exceptions.NamespaceNotFound, self.api.exceptions.ServiceNotFound):
            return {}
        return {instance["InstanceId"]: instance["Attributes"] for instance in answer["Instances"]}

    def namespace(self, name: str) -> dict[str, Any] | None:
        """The account's namespace of this name."""
        named = [{"Name": "NAME", "Values": [name], "Condition": "EQ"}]
        return next(iter(self.api.list_namespaces(Filters=named)["Namespaces"]), None)

    def services(self, namespace: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The services of a namespace by name."""
        within = [{"Name": "NAMESPACE_ID", "Values": [namespace["Id"]], "Condition": "EQ"}]
        return {service["Name"]: service for service in self.api.list_services(Filters=within)["Services"]}

    def make_namespace(self, name: str) -> dict[str, Any]:
        """Somebody makes an HTTP namespace."""
        self.api.create_http_namespace(Name=name)
        return wait_until(f"the namespace {name} is there", lambda: self.namespace(name))

    def make_service(self, namespace: dict[str, Any], name: str, **settings: Any) -> dict[str, Any]:
        """Somebody makes a service in it."""
        return self.api.create_service(Name=name, NamespaceId=namespace["Id"], **settings)["Service"]

    def run_task(self, service: dict[str, Any], address: str, port: int = 8080) -> None:
        """A task begins: ECS registers it, and EventBridge hears that it runs."""
        attributes = {"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": str(port)}
        self.api.register_instance(ServiceId=service["Id"], InstanceId=f"task-{address}", Attributes=attributes)
        wait_until(f"{address} is registered", lambda: address in str(self._instances(service)))
        self._tell(service, address, "RUNNING")

    def stop_task(self, service: dict[str, Any], address: str) -> None:
        """A task ends."""
        self.api.deregister_instance(ServiceId=service["Id"], InstanceId=f"task-{address}")
        wait_until(f"{address} is deregistered", lambda: address not in str(self._instances(service)))
        self._tell(service, address, "STOPPED")

    def _instances(self, service: dict[str, Any]) -> list[dict[str, Any]]:
        return self.api.list_instances(ServiceId=service["Id"])["Instances"]

    def _tell(self, service: dict[str, Any], address: str, state: str) -> None:
        told = {
            "account": self.account,
            "region": REGION,
            "service": service["Name"],
            "address": address,
            "state": state,
        }
        self.aws.control("POST", "ecs/task-state", told)


def targets(aws: LocalAws, account: str, group: str) -> dict[str, str]:
    """The states of a group's targets, by address."""
    found = aws.client("elbv2", account).describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return {item["Target"]["Id"]: item["TargetHealth"]["State"] for item in found}


def addresses_of(aws: LocalAws, account: str, network: Any, count: int) -> list[str]:
    """Addresses of a network's first subnets, in turn, that nobody has."""
    subnets = aws.client("ec2", account).describe_subnets(SubnetIds=network.subnet_ids)["Subnets"]
    starts = [subnet["CidrBlock"].rpartition(".")[0] for subnet in subnets]
    return [f"{starts[number % len(starts)]}.{200 + number}" for number in range(count)]
