"""Cloud Map, as those see it who look things up and who run tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from emulator.clients import REGION
from emulator.organization_sample import Network

from .local_aws import LocalAws
from .waiting import wait_until

# As services are made by an account that says with UpdateInstanceCustomHealthStatus how instances are, as ECS does.
CHECKED = {"HealthCheckCustomConfig": {"FailureThreshold": 1}}


@dataclass(frozen=True)
class Discovery:
    """Cloud Map of one account."""

    aws: LocalAws
    account: str

    @property
    def api(self) -> Any:
        """Its API."""
        return self.aws.client("servicediscovery", self.account)

    def found(self, namespace: str, service: str, **owner: str) -> dict[str, dict[str, str]]:
        """The attributes of what a consumer finds, by the id of the instance; nothing where there is no such name.

        For a namespace that another account shares, `OwnerAccount` says which.
        """
        named = {"NamespaceName": namespace, "ServiceName": service}
        try:
            answer = self.api.discover_instances(**named, HealthStatus="ALL", **owner)
        except (self.api.exceptions.NamespaceNotFound, self.api.exceptions.ServiceNotFound):
            return {}
        return {instance["InstanceId"]: instance["Attributes"] for instance in answer["Instances"]}

    def namespaces(self) -> list[dict[str, Any]]:
        """The namespaces that the account sees: its own, and those that are shared with it."""
        pages = self.api.get_paginator("list_namespaces").paginate()
        return [namespace for page in pages for namespace in page["Namespaces"]]

    def namespace(self, name: str) -> dict[str, Any] | None:
        """The account's own namespace of this name."""
        mine = [namespace for namespace in self.namespaces() if namespace["ResourceOwner"] == self.account]
        return next((namespace for namespace in mine if namespace["Name"] == name), None)

    def services(self, namespace: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The services of a namespace by name."""
        within = [{"Name": "NAMESPACE_ID", "Values": [namespace["Arn"]], "Condition": "EQ"}]
        return {service["Name"]: service for service in self.api.list_services(Filters=within)["Services"]}

    def instances(self, service: dict[str, Any]) -> dict[str, dict[str, str]]:
        """The attributes of the instances of a service, by id."""
        listed = self.api.list_instances(ServiceId=service["Arn"])["Instances"]
        return {instance["Id"]: instance["Attributes"] for instance in listed}

    def make_namespace(self, name: str, vpc: str = "") -> dict[str, Any]:
        """Somebody makes an HTTP namespace, or a private DNS namespace in a VPC."""
        if vpc:
            self.api.create_private_dns_namespace(Name=name, Vpc=vpc)
        else:
            self.api.create_http_namespace(Name=name)
        return wait_until(f"the namespace {name} is there", lambda: self.namespace(name))

    def make_service(self, namespace: dict[str, Any], name: str, record: str = "", **settings: Any) -> dict[str, Any]:
        """Somebody makes a service in it, with records of this type or none."""
        if record:
            settings["DnsConfig"] = {"RoutingPolicy": "WEIGHTED", "DnsRecords": [{"Type": record, "TTL": 60}]}
        return self.api.create_service(Name=name, NamespaceId=namespace["Id"], **settings)["Service"]

    @contextmanager
    def sharing(self, namespace: dict[str, Any], account: str) -> Iterator[None]:
        """Within the block, a namespace is shared with another account."""
        ram = self.aws.client("ram", self.account)
        shared = {"resourceArns": [namespace["Arn"]], "principals": [account]}
        made = ram.create_resource_share(name=f"share-{namespace['Id']}", **shared)["resourceShare"]
        try:
            yield
        finally:
            ram.delete_resource_share(resourceShareArn=made["resourceShareArn"])

    def register(self, service: dict[str, Any], instance: str, **attributes: str) -> None:
        """Somebody registers an instance."""
        self.api.register_instance(ServiceId=service["Id"], InstanceId=instance, Attributes=attributes)
        what = f"{instance} is registered"
        wait_until(what, lambda: self.instances(service).get(instance, {}).items() >= attributes.items())

    def deregister(self, service: dict[str, Any], instance: str) -> None:
        """Somebody deregisters an instance."""
        self.api.deregister_instance(ServiceId=service["Id"], InstanceId=instance)
        wait_until(f"{instance} is deregistered", lambda: instance not in self.instances(service))

    def run_task(self, service: dict[str, Any], address: str, port: int = 8080) -> None:
        """A task begins: ECS registers it, and EventBridge hears that it runs."""
        told = {"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": str(port)}
        self.register(service, f"task-{address}", **told)
        self._tell(service, address, "RUNNING")

    def stop_task(self, service: dict[str, Any], address: str) -> None:
        """A task ends."""
        self.deregister(service, f"task-{address}")
        self._tell(service, address, "STOPPED")

    def judge_task(self, service: dict[str, Any], address: str, status: str) -> None:
        """ECS says how a task is: `HEALTHY` or `UNHEALTHY`."""
        named = {"ServiceId": service["Id"], "InstanceId": f"task-{address}"}
        self.api.update_instance_custom_health_status(**named, Status=status)

    def _tell(self, service: dict[str, Any], address: str, state: str) -> None:
        told = {
            "account": self.account,
            "region": REGION,
            "service": service["Name"],
            "address": address,
            "state": state,
        }
        self.aws.control("POST", "ecs/task-state", told)


def addresses_of(aws: LocalAws, account: str, network: Network, count: int) -> list[str]:
    """Addresses of a network's first subnets, in turn, that nobody has."""
    subnets = aws.client("ec2", account).describe_subnets(SubnetIds=network.subnet_ids)["Subnets"]
    starts = [subnet["CidrBlock"].rpartition(".")[0] for subnet in subnets]
    return [f"{starts[number % len(starts)]}.{200 + number}" for number in range(count)]
