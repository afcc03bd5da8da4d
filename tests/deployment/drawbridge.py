"""A deployed Drawbridge: hub, members and the sample Organization, and what one asks of them from outside."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from emulator import organization_sample
from emulator.clients import HUB, REGION
from emulator.organization_sample import (
    MANAGEMENT,
    OPT_IN,
    ORGANIZATIONS_REGION,
    PROVIDER,
    SANDBOX_MEMBER,
    WORKLOADS_MEMBER,
    EndpointService,
    Sample,
)

from . import stacks
from .configuration import POLICY, HubConfiguration
from .function import Function
from .function_log import FunctionLog
from .local_aws import LocalAws
from .waiting import wait_until

FUNCTION_ROLE = f"drawbridge-accept-connections-{REGION}"
WATCH_ROLE = f"drawbridge-watch-organization-{REGION}"
SYNC_ROLE = f"drawbridge-sync-dns-{REGION}"
TAGS_ROLE = f"drawbridge-tag-resources-{REGION}"
ALARMS_ROLE = f"drawbridge-publish-alarms-{REGION}"
CLOUD_MAP_ROLE = f"drawbridge-sync-cloud-map-{REGION}"
SWEEP = "drawbridge-sweep"
NOTIFIED = ("Connect", "Accept", "Reject", "Delete")
# Parameters that members have as the hub has them.
SHARED_PARAMETERS = (
    "ServiceSelection",
    "ManagePrincipals",
    "VerifyDomains",
    "PrivateNames",
    "WriteZones",
    "WriteProfiles",
    "WriteTags",
    "TagKeys",
    "WriteAlarms",
    "WriteCloudMap",
    "WriteTargets",
)
# Whose calls are forwarded to the hub. A suspended account makes no calls, and a stranger is nobody to forward for.
FORWARDING = {PROVIDER: "yes", WORKLOADS_MEMBER: "no", SANDBOX_MEMBER: "no"}


@dataclass
class Drawbridge:
    """Handles to the parts of a deployed Drawbridge.

    tag-resources is woken if it `tags`, publish-alarms if it `watches`, sync-cloud-map if it `maps`.
    """

    aws: LocalAws
    sample: Sample
    outputs: dict[str, str]
    tags: bool = False
    watches: bool = False
    maps: bool = False
    accept_connections: Function = field(init=False)
    watch_organization: Function = field(init=False)
    sync_dns: Function = field(init=False)
    tag_resources: Function = field(init=False)
    publish_alarms: Function = field(init=False)
    sync_cloud_map: Function = field(init=False)
    configuration: HubConfiguration = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        of = self.outputs
        names = ("MappingId", "QueueUrl", "DeadLettersUrl")
        self.accept_connections = Function(self.aws, "accept-connections", *(of[name] for name in names))
        self.watch_organization = Function(self.aws, "watch-organization", *(of[f"Watch{name}"] for name in names))
        self.sync_dns = Function(self.aws, "sync-dns", *(of[f"Sync{name}"] for name in names))
        self.tag_resources = Function(self.aws, "tag-resources", *(of[f"Tags{name}"] for name in names))
        self.publish_alarms = Function(self.aws, "publish-alarms", *(of[f"Alarms{name}"] for name in names))
        self.sync_cloud_map = Function(self.aws, "sync-cloud-map", *(of[f"CloudMap{name}"] for name in names))
        self.configuration = HubConfiguration(self.aws, self.outputs)

    @property
    def functions(self) -> tuple[Function, ...]:
        """Those that are woken, each after those whose events wake it."""
        always = (self.watch_organization, self.accept_connections, self.sync_dns)
        optional = (
            (self.tag_resources, self.tags),
            (self.publish_alarms, self.watches),
            (self.sync_cloud_map, self.maps),
        )
        return (*always, *(function for function, is_woken in optional if is_woken))

    @property
    def log(self) -> FunctionLog:
        """What is decided about connections."""
        return self.accept_connections.log

    # Providers and consumers.

    def offer_service(
        self,
        account: str = HUB,
        opted_in: bool = True,
        notified: Sequence[str] = NOTIFIED,
        allowed: Sequence[str] = ("*",),
        settled: bool = True,
    ) -> EndpointService:
        """A new endpoint service that asks for acceptance and tells the hub's topic of `notified`.

        Anybody may request a connection, or only the principals that are `allowed`. Unless it need not be `settled`,
        the functions have done by then what its making has woken them for.
        """
        name = f"service-{next(self._numbers)}"
        balancer = self.make_balancer(account, name)
        tags = [{"ResourceType": "vpc-endpoint-service", "Tags": [OPT_IN]}] if opted_in else []
        ec2 = self.aws.client("ec2", account)
        service = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancer], AcceptanceRequired=True, TagSpecifications=tags
        )["ServiceConfiguration"]
        ec2.modify_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"], AddAllowedPrincipals=[*allowed])
        offered = EndpointService(service["ServiceId"], service["ServiceName"], account, balancer, opted_in)
        self.sample.services[name] = offered
        if notified:
            self.notify_of(offered, notified)
        # Making it has woken the function. What is seen later must come from what happens later.
        if settled:
            self.settle()
        return offered

    def make_balancer(self, account: str, name: str) -> str:
        """A load balancer for a service to come; its ARN."""
        made = self.aws.client("elbv2", account).create_load_balancer(
            Name=name, Type="network", Scheme="internal", Subnets=self.sample.networks[account].subnet_ids
        )
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def notify_of(self, service: EndpointService, notified: Sequence[str] = NOTIFIED) -> None:
        """Have the service tell the hub's topic of its connections."""
        self.aws.client("ec2", service.account).create_vpc_endpoint_connection_notification(
            ServiceId=service.id,
            ConnectionNotificationArn=self.outputs["TopicArn"],
            ConnectionEvents=list(notified),
        )

    def request_connection(self, account: str, service: EndpointService, **tags: str) -> str:
        """Have `account` create an endpoint to the service, with these tags (`private_dns` is drawbridge:private-dns); its id."""
        name = next(name for name, known in self.sample.services.items() if known == service)
        if not tags:
            return self.sample.request_connection(account, name)
        pairs = [{"Key": f"drawbridge:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
        tagged = [{"ResourceType": "vpc-endpoint", "Tags": pairs}]
        return self.sample.request_connection(account, name, TagSpecifications=tagged)

    def state_of(self, account: str, endpoint: str) -> str:
        """The endpoint's state as its owner sees it."""
        described = self.aws.client("ec2", account).describe_vpc_endpoints(VpcEndpointIds=[endpoint])
        return described["VpcEndpoints"][0]["State"]

    def connections(self, service: EndpointService) -> dict[str, dict[str, Any]]:
        """The service's connections as the provider sees them, by endpoint."""
        pages = self.aws.client("ec2", service.account).get_paginator("describe_vpc_endpoint_connections")
        found = pages.paginate(Filters=[{"Name": "service-id", "Values": [service.id]}])
        return {item["VpcEndpointId"]: item for page in found for item in page["VpcEndpointConnections"]}

    def tags_of(self, service: EndpointService, endpoint: str) -> dict[str, str]:
        """The tags of a connection."""
        return {tag["Key"]: tag["Value"] for tag in self.connections(service)[endpoint].get("Tags", [])}

    def await_state(self, account: str, endpoint: str, state: str) -> None:
        """Wait until the endpoint has this state."""
        what = f"{endpoint} of {account} is {state}"
        wait_until(what, lambda: self.state_of(account, endpoint) == state, explain=self.explain)

    def await_decision(self, since: int = 0, **fields: Any) -> dict[str, Any]:
        """Wait for a decision in the log with these fields."""
        return wait_until(
            f"a decision with {fields}", lambda: self.log.decisions(since, **fields), explain=self.explain
        )[0]

    def await_tag(self, service: EndpointService, endpoint: str, key: str, value: str) -> None:
        """Wait until the connection has this tag."""

        def look() -> bool:
            return self.tags_of(service, endpoint).get(key) == value

        wait_until(f"{endpoint} is tagged {key}={value}", look, explain=self.explain)

    def histories(self, service: EndpointService) -> dict[str, list[str]]:
        """The states that each endpoint of a service went through, as the local AWS saw it; deleted ones, too."""
        told = self.aws.control("GET", "endpoints")["endpoints"]
        return {entry["id"]: entry["states"] for entry in told if entry["service"] == service.id}

    # The hub.

    def reconfigure(self, policy: str | None = None, **parts: Any) -> None:
        """Put the stack's configuration with other values in force, at once: running functions poll it each minute."""
        self.configuration.deploy(self.configuration.changed(**parts))
        if policy is not None:
            self.configuration.deploy(policy, POLICY)
        self.end_environments()

    def sweep(self) -> None:
        """Let the schedule's time come."""
        self.aws.control("POST", "tick", {"name": SWEEP})

    def sweep_until(self, happened: Callable[[], Any]) -> None:
        """Sweep again and again, until it has happened."""

        def look() -> Any:
            self.sweep()
            self.settle()
            return happened()

        wait_until("a sweep finds it", look, explain=self.explain)

    def later_until(self, what: str, happened: Callable[[], Any]) -> Any:
        """Let the looks that functions put off come, one after the other, until it has happened; what that gave."""

        def look() -> Any:
            self.settle()
            found = happened()
            if not found:
                self.sync_dns.bring_forward()
                if self.watches:
                    self.publish_alarms.bring_forward()
                if self.maps:
                    self.sync_cloud_map.bring_forward()
            return found

        return wait_until(what, look, explain=self.explain)

    def settle(self) -> None:
        """Wait until the functions have worked on everything; what one asks for or tells is the next one's work."""
        for function in self.functions:
            function.settle()

    def forget_messages(self) -> None:
        """Drop the messages that wait, also those that failed and would come back much later."""
        for function in self.functions:
            function.forget_messages()

    def forget_dead_letters(self) -> None:
        """Drop the dead letters."""
        for function in self.functions:
            function.forget_dead_letters()

    def end_environments(self) -> None:
        """End the functions' environments, so that new ones start, with the configuration of then and no memory."""
        for function in self.functions:
            function.end_environments()

    def explain(self) -> str:
        """What helps to see why something did not happen."""
        dropped = self.aws.control("GET", "dropped")["dropped"][-5:]
        told = [f"{entry['source']} -> {entry['target']}: {entry['reason']}" for entry in dropped]
        return "; ".join([*(function.explain() for function in self.functions), f"dropped deliveries: {told}"])


def deploy(
    aws: LocalAws,
    mode: str = "enforce",
    step: Callable[[str], None] = lambda _: None,
    tag_resources: bool = False,
    publish_alarms: bool = False,
    sync_cloud_map: bool = False,
    **parameters: str,
) -> Drawbridge:
    """Make the sample Organization and deploy Drawbridge for it; `step` is told what comes next.

    `parameters` are those of the hub's stack; those that members share go to their stacks as well, and the accounts that
    they name get the parts that they are named for. The management account's stack lets the hub read who is a member.
    With `tag_resources` that function is woken, too; what it writes is said by `WriteTags` and `TagKeys`, and by the part
    `tags` of the configuration. So it is with `publish_alarms`, `WriteAlarms` and the part `alarms`, and with
    `sync_cloud_map`, `WriteCloudMap` and `WriteTargets`, and the part `cloud-map`.
    """
    step("the Organization: seven accounts, networks, endpoint services")
    sample = organization_sample.build(aws.url, delegation=False)
    organization = {"OrganizationId": sample.organization_id}
    step("the hub: infra/hub.yaml through CloudFormation")
    defaults = {
        "ManagementAccountId": MANAGEMENT,
        "ProviderAccounts": f"{HUB},{PROVIDER}",
        "ProviderRegions": REGION,
        "Mode": mode,
    }
    outputs = stacks.deploy_hub(aws, **organization, **defaults | parameters)
    step("the members: infra/member.yaml in three accounts; the management account: infra/management.yaml")
    shared = organization | {name: parameters[name] for name in SHARED_PARAMETERS if name in parameters}
    parts = {account: _parts(account, parameters) for account in (HUB, *FORWARDING)}
    with ThreadPoolExecutor() as accounts:
        futures = [
            accounts.submit(stacks.deploy_member, aws, account, **shared, **parts[account], ProviderRole=provides)
            for account, provides in FORWARDING.items()
        ]
        # Where Route 53 tells of calls on zones.
        futures += [
            accounts.submit(stacks.deploy_member, aws, account, ORGANIZATIONS_REGION, **shared, **part)
            for account, part in parts.items()
            if "yes" in part.values()
        ]
        futures.append(accounts.submit(stacks.deploy_management, aws, **organization, CreateDelegationPolicy="yes"))
    for future in futures:
        future.result()
    deployed = Drawbridge(aws, sample, outputs, tags=tag_resources, watches=publish_alarms, maps=sync_cloud_map)
    for function in (deployed.tag_resources, deployed.publish_alarms, deployed.sync_cloud_map):
        if function not in deployed.functions:
            function.enable_mapping(False)
    return deployed


def _parts(account: str, parameters: dict[str, str]) -> dict[str, str]:
    """Parameters of a member: what it is to the hub, by the lists of the hub's stack."""
    lists = {"ConsumerRole": "ConsumerAccounts", "DnsRole": "DnsAccounts"}
    return {part: "yes" if account in parameters.get(name, "").split(",") else "no" for part, name in lists.items()}
