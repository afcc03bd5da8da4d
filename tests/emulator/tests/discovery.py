"""Cloud Map as one account uses it, for tests."""

from __future__ import annotations

from typing import Any

from .running import RunningEmulator


class CloudMap:
    """A client that ends operations when they should have ended."""

    def __init__(self, emulator: RunningEmulator, account: str, credentials: dict[str, str] | None = None) -> None:
        self.emulator = emulator
        self.api = emulator.client("servicediscovery", account=account, credentials=credentials)

    def end(self, started: dict[str, Any], **where: str) -> dict[str, Any]:
        """The operation that a call has started, when it is over."""
        self.emulator.control("POST", "cloud-map/operations/end")
        return self.api.get_operation(OperationId=started["OperationId"], **where)["Operation"]

    def make_namespace(self, name: str = "shop", **options: Any) -> dict[str, Any]:
        """An HTTP namespace, or a private one when `Vpc` is given."""
        create = self.api.create_private_dns_namespace if "Vpc" in options else self.api.create_http_namespace
        made = self.end(create(Name=name, **options))
        return self.api.get_namespace(Id=made["Targets"]["NAMESPACE"])["Namespace"]

    def make_service(self, namespace: dict[str, Any], name: str = "orders", **options: Any) -> dict[str, Any]:
        """A service; `kinds` are the types of its records."""
        kinds, policy = options.pop("kinds", ()), options.pop("policy", "WEIGHTED")
        if kinds:
            records = [{"Type": kind, "TTL": 60} for kind in kinds]
            options["DnsConfig"] = {"RoutingPolicy": policy, "DnsRecords": records}
        return self.api.create_service(Name=name, NamespaceId=namespace["Arn"], **options)["Service"]

    def register(self, service: dict[str, Any], instance: str = "one", **attributes: str) -> dict[str, Any]:
        """Register an instance: the operation, when it is over."""
        request = {"ServiceId": service["Id"], "InstanceId": instance, "Attributes": attributes or {"zone": "a"}}
        return self.end(self.api.register_instance(**request))

    def instances(self, service: dict[str, Any]) -> dict[str, dict[str, str]]:
        """The attributes of a service's instances by their ids."""
        found = self.api.list_instances(ServiceId=service["Id"])["Instances"]
        return {instance["Id"]: instance["Attributes"] for instance in found}
