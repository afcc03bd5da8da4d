"""Cloud Map as the accounts see it that have namespaces, register instances and look for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .local_aws import LocalAws
from .tags import as_mapping
from .waiting import wait_until

NOT_THERE = ("NamespaceNotFound", "ServiceNotFound")


@dataclass(frozen=True)
class CloudMap:
    """Cloud Map of one account."""

    aws: LocalAws
    account: str

    @property
    def api(self) -> Any:
        """Cloud Map as the account calls it."""
        return self.aws.client("servicediscovery", self.account)

    def make_namespace(self, name: str, vpc: str = "") -> dict[str, Any]:
        """Make a namespace by hand: by API alone, or a private zone in a VPC."""
        if vpc:
            started = self.api.create_private_dns_namespace(Name=name, Vpc=vpc)
        else:
            started = self.api.create_http_namespace(Name=name)
        return self.api.get_namespace(Id=self._end(started)["Targets"]["NAMESPACE"])["Namespace"]

    def make_service(
        self, namespace: dict[str, Any], name: str, record: str = "", checked: bool = False
    ) -> dict[str, Any]:
        """Make a service by hand: with records of a type, or none; `checked`: somebody says how its instances are."""
        options: dict[str, Any] = {"HealthCheckCustomConfig": {"FailureThreshold": 1}} if checked else {}
        if record:
            options["DnsConfig"] = {"RoutingPolicy": "WEIGHTED", "DnsRecords": [{"Type": record, "TTL": 60}]}
        return self.api.create_service(Name=name, NamespaceId=namespace["Arn"], **options)["Service"]

    def share(self, namespace: dict[str, Any], *accounts: str) -> None:
        """Share a namespace by Resource Access Manager."""
        ram = self.aws.client("ram", self.account)
        ram.create_resource_share(
            name=f"share-{namespace['Id']}", resourceArns=[namespace["Arn"]], principals=[*accounts]
        )

    def register(self, service: str, instance: str, **attributes: str) -> None:
        """Register an instance by hand, and see it registered; `service` is an id or an ARN."""
        self._end(self.api.register_instance(ServiceId=service, InstanceId=instance, Attributes=attributes))

    def deregister(self, service: str, instance: str) -> None:
        """Deregister an instance by hand, and see it gone."""
        self._end(self.api.deregister_instance(ServiceId=service, InstanceId=instance))

    def set_health(self, service: str, instance: str, status: str) -> None:
        """Say how an instance is, as ECS does: `HEALTHY` or `UNHEALTHY`."""
        self.api.update_instance_custom_health_status(ServiceId=service, InstanceId=instance, Status=status)

    def namespaces(self, name: str) -> list[dict[str, Any]]:
        """The namespaces of a name that the account sees."""
        filters = [{"Name": "NAME", "Values": [name], "Condition": "EQ"}]
        pages = self.api.get_paginator("list_namespaces").paginate(Filters=filters)
        return [namespace for page in pages for namespace in page["Namespaces"]]

    def services(self, namespace: str) -> dict[str, dict[str, Any]]:
        """The services in the namespaces of a name, by their names."""
        found = {}
        for known in self.namespaces(namespace):
            filters = [{"Name": "NAMESPACE_ID", "Values": [known["Arn"]], "Condition": "EQ"}]
            pages = self.api.get_paginator("list_services").paginate(Filters=filters)
            found |= {service["Name"]: service for page in pages for service in page["Services"]}
        return found

    def discover(self, namespace: str, service: str, owner: str = "") -> dict[str, dict[str, str]]:
        """The attributes of what is found under a name, by instance; `owner` has the namespace, if it is another's.

        Nothing is found where neither namespace nor service is there.
        """
        options = {"OwnerAccount": owner} if owner else {}
        try:
            found = self.api.discover_instances(NamespaceName=namespace, ServiceName=service, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_THERE:
                raise
            return {}
        return {instance["InstanceId"]: instance["Attributes"] for instance in found["Instances"]}

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of a namespace or a service."""
        return as_mapping(self.api.list_tags_for_resource(ResourceARN=arn)["Tags"])

    def _end(self, started: dict[str, Any]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            operation = self.api.get_operation(OperationId=started["OperationId"])["Operation"]
            return operation if operation["Status"] in ("SUCCESS", "FAIL") else None

        ended = wait_until("an operation of Cloud Map is over", look)
        assert ended["Status"] == "SUCCESS", ended
        return ended
