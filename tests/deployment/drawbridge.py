"""A deployed Drawbridge: hub, members and the sample Organization, and what one asks of them from outside."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from emulator import organization_sample
from emulator.clients import HUB, REGION
from emulator.organization_sample import (
    OPT_IN,
    PROVIDER,
    SANDBOX_MEMBER,
    WORKLOADS_MEMBER,
    EndpointService,
    Sample,
)

from . import stacks
from .configuration import HubConfiguration
from .function_log import FunctionLog
from .local_aws import LocalAws
from .waiting import wait_until

FUNCTION = "drawbridge-accept-connections"
FUNCTION_ROLE = f"{FUNCTION}-{REGION}"
SWEEP = "drawbridge-sweep"
# The batching window of the mapping, and a little more.
GATHERING_SECONDS = 1.5
NOTIFIED = ("Connect", "Accept", "Reject", "Delete")
# Whose calls are forwarded to the hub. A suspended account makes no calls, and a stranger is nobody to forward for.
FORWARDING = {PROVIDER: "yes", WORKLOADS_MEMBER: "no", SANDBOX_MEMBER: "no"}


@dataclass
class Drawbridge:
    """Handles to the parts of a deployed Drawbridge."""

    aws: LocalAws
    sample: Sample
    outputs: dict[str, str]
    log: FunctionLog = field(init=False)
    configuration: HubConfiguration = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.log = FunctionLog(self.aws)
        self.configuration = HubConfiguration(self.aws, self.outputs)

    # Providers and consumers.

    def offer_service(
        self, account: str = HUB, opted_in: bool = True, notified: Sequence[str] = NOTIFIED
    ) -> EndpointService:
        """A new endpoint service that asks for acceptance, lets anybody ask, and tells the hub's topic of `notified`."""
        name = f"service-{next(self._numbers)}"
        made = self.aws.client("elbv2", account).create_load_balancer(
            Name=name, Type="network", Scheme="internal", Subnets=self.sample.networks[account].subnet_ids
        )
        balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        tags = [{"ResourceType": "vpc-endpoint-service", "Tags": [OPT_IN]}] if opted_in else []
        ec2 = self.aws.client("ec2", account)
        service = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancer], AcceptanceRequired=True, TagSpecifications=tags
        )["ServiceConfiguration"]
        ec2.modify_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"], AddAllowedPrincipals=["*"])
        offered = EndpointService(service["ServiceId"], service["ServiceName"], account, balancer, opted_in)
        self.sample.services[name] = offered
        if notified:
            self.notify_of(offered, notified)
        # Making it has woken the function. What is seen later must come from what happens later.
        self.settle()
        return offered

    def notify_of(self, service: EndpointService, notified: Sequence[str] = NOTIFIED) -> None:
        """Have the service tell the hub's topic of its connections."""
        self.aws.client("ec2", service.account).create_vpc_endpoint_connection_notification(
            ServiceId=service.id,
            ConnectionNotificationArn=self.outputs["TopicArn"],
            ConnectionEvents=list(notified),
        )

    def request_connection(self, account: str, service: EndpointService) -> str:
        """Have `account` create an endpoint to the service; its id."""
        name = next(name for name, known in self.sample.services.items() if known == service)
        return self.sample.request_connection(account, name)

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

    # The hub.

    def sweep(self) -> None:
        """Let the schedule's time come."""
        self.aws.control("POST", "tick", {"name": SWEEP})

    def enable_mapping(self, enabled: bool) -> None:
        """Let the queue wake the function, or not."""
        self.aws.client("lambda").update_event_source_mapping(UUID=self.outputs["MappingId"], Enabled=enabled)
        if not enabled:
            wait_until("the function has nothing in hand", lambda: not self.at_work())

    def at_work(self) -> int:
        """How many batches the function has in hand."""
        mappings = self.aws.control("GET", "event-source-mappings")["mappings"]
        return sum(mapping["at_work"] for mapping in mappings)

    def waiting_messages(self) -> int:
        """Messages of the queue, those in hand included."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        attributes = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["QueueUrl"], AttributeNames=names
        )["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def settle(self) -> None:
        """Wait until the function has worked on everything."""
        wait_until("the queue is empty", lambda: not self.waiting_messages() and not self.at_work())

    def forget_messages(self) -> None:
        """Drop the messages that wait, also those that failed and would come back much later."""
        if not self.waiting_messages() and not self.at_work():
            return
        self.aws.client("sqs").purge_queue(QueueUrl=self.outputs["QueueUrl"])
        # What was already gathered for a batch is in no queue; it comes to the function within the window.
        time.sleep(GATHERING_SECONDS)
        self.settle()

    def environments(self) -> list[dict[str, Any]]:
        """The function's environments."""
        found = self.aws.control("GET", "functions")["environments"]
        return [environment for environment in found if environment["function"] == FUNCTION]

    def end_environments(self) -> None:
        """End the function's environments, so that the next invocation starts a new one."""
        self.settle()
        self.aws.control("POST", f"functions/{FUNCTION}/kill", {"idle": True})

    def explain(self) -> str:
        """What helps to see why something did not happen."""
        said = [line.get("message") for line in self.log.said()][-5:]
        dropped = [f"{entry['source']} -> {entry['target']}: {entry['reason']}" for entry in self._dropped()][-5:]
        waiting = f"messages waiting: {self.waiting_messages()}, batches at work: {self.at_work()}"
        return f"{waiting}; the log's last lines: {said}; dropped deliveries: {dropped}"

    def _dropped(self) -> list[dict[str, Any]]:
        return self.aws.control("GET", "dropped")["dropped"]


def deploy(aws: LocalAws, mode: str = "enforce", step: Callable[[str], None] = lambda _: None) -> Drawbridge:
    """Make the sample Organization and deploy Drawbridge for it; `step` is told what comes next."""
    step("the Organization: seven accounts, networks, endpoint services")
    sample = organization_sample.build(aws.url)
    step("the hub: infra/hub.yaml through CloudFormation")
    outputs = stacks.deploy_hub(
        aws,
        OrganizationId=sample.organization_id,
        ProviderAccounts=f"{HUB},{PROVIDER}",
        ProviderRegions=REGION,
        Mode=mode,
    )
    step("the members: infra/member.yaml in three accounts")
    with ThreadPoolExecutor() as accounts:
        futures = [
            accounts.submit(
                stacks.deploy_member, aws, account, OrganizationId=sample.organization_id, ProviderRole=provides
            )
            for account, provides in FORWARDING.items()
        ]
    for future in futures:
        future.result()
    return Drawbridge(aws, sample, outputs)
