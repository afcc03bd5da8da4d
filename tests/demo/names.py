"""Names: a service shows whose its domain is, and an endpoint gets a name that another account resolves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import HUB, WORKLOADS_MEMBER

from .people import People
from .reasons import tell_why
from .screen import GREEN, YELLOW, Screen

PUBLIC_ZONE = "example.com"
SERVICE, SERVICE_NAME = "orders", "orders.example.com"
OTHER_SERVICE, OWN_NAME = "reports", "reports.corp.example"
CONSUMER = WORKLOADS_MEMBER
VPC_TAG = {"Key": "dns", "Value": "yes"}
SELECTION = {"names": {"vpcs": {"tag": {"key": VPC_TAG["Key"], "value": VPC_TAG["Value"]}}}}
# What has to be switched on for it, as parameters of the hub's stack.
PARAMETERS = {
    "VerifyDomains": "yes",
    "ConsumerAccounts": f"{HUB},{CONSUMER}",
    "DnsAccounts": HUB,
    "WriteZones": "yes",
}
WORDS = {
    "publish": "PUBLISHED",
    "verify": "ASKED AWS",
    "keep": "VERIFIED",
    "associate": "LET IN",
    "withdraw": "WITHDRAWN",
    "hold": "WAITS",
}


# A registration in short: whose the record is, for what, since when, and which records.
MIDDLE = re.compile(r"(heritage=drawbridge),.*(drawbridge/resource=[^,]*),.*(drawbridge/records=)")


def show_names(drawbridge: Drawbridge, people: People, screen: Screen) -> bool:
    """Let both names come, and the second one go; whether all of it is as it should be."""
    screen.title("Names: sync-dns shows whose a domain is, and gives an endpoint a name that another account resolves")
    with screen.step("names of one's own answer in VPCs tagged dns=yes, by a new version in AppConfig"):
        drawbridge.reconfigure(dns=SELECTION)
    screen.line("  sync-dns waits nowhere: what isn't ready is looked at again by a message, which comes at once here")
    story = Story(drawbridge, people, screen)
    story.verify_domain()
    story.publish_name()
    return story.withdraw_name()


@dataclass
class Story:
    """What is done about names, told from the function's log."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    domains: Domains = field(init=False)
    endpoint: str = ""
    _began: int = field(default_factory=lambda: int(time.time() * 1000))
    _told: int = 0

    def __post_init__(self) -> None:
        self.domains = Domains(self.drawbridge.aws)

    def verify_domain(self) -> None:
        """A service gets a private DNS name, and is verified by itself."""
        hub, service = self.people.name(HUB), self.drawbridge.sample.services[SERVICE]
        zone = self.domains.make_zone(PUBLIC_ZONE)
        self.drawbridge.settle()
        self.screen.happens(f"{hub} has the public zone {PUBLIC_ZONE}, and gives {SERVICE} the name {SERVICE_NAME}")
        ec2 = self.drawbridge.aws.client("ec2", HUB)
        ec2.modify_vpc_endpoint_service_configuration(ServiceId=service.id, PrivateDnsName=SERVICE_NAME)

        def state() -> str:
            described = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service.id])
            return described["ServiceConfigurations"][0]["PrivateDnsNameConfiguration"]["State"]

        self.screen.told("now", f"{SERVICE_NAME} is {state()}")
        self._await(f"{SERVICE_NAME} is verified", lambda: state() == "verified")
        # One look more: then who asked AWS sees it, too.
        self.drawbridge.sync_dns.bring_forward()
        self.drawbridge.settle()
        self._tell()
        self.screen.told("now", f"{SERVICE_NAME} is {state()}")
        self._list(f"the public zone {PUBLIC_ZONE}: the proof, and whose it is", zone)

    def publish_name(self) -> None:
        """A central endpoint gets a name, which answers in the VPC of another account."""
        hub, consumer = self.people.name(HUB), self.people.name(CONSUMER)
        self.drawbridge.aws.client("ec2", CONSUMER).create_tags(Resources=[self._vpc(CONSUMER)], Tags=[VPC_TAG])
        self.drawbridge.settle()
        self.screen.happens(f"{consumer} tags its VPC dns=yes; {hub} makes an endpoint to {OTHER_SERVICE}, and tags it")
        self.screen.detail(f"drawbridge:dns-name={OWN_NAME}")
        self._resolve()
        service = self.drawbridge.sample.services[OTHER_SERVICE]
        self.endpoint = self.drawbridge.request_connection(HUB, service, dns_name=OWN_NAME)
        self._await(f"{OWN_NAME} answers for {consumer}", self._addresses)
        self._resolve()
        (zone,) = self.domains.zones(OWN_NAME)
        self._list(f"the private zone {OWN_NAME}: the name, and whose all of it is", zone)
        self._list_vpcs(zone)
        self._list_zones_of_the_consumer()

    def withdraw_name(self) -> bool:
        """The endpoint goes, and all that was made for it; whether nothing is left."""
        self.screen.happens(f"{self.people.name(HUB)} deletes the endpoint {self.endpoint}")
        self.drawbridge.aws.client("ec2", HUB).delete_vpc_endpoints(VpcEndpointIds=[self.endpoint])
        self._await(f"the zone {OWN_NAME} is gone", lambda: not self.domains.zones(OWN_NAME))
        self._resolve()
        self._list_zones_of_the_consumer()
        left = OWN_NAME in self.domains.answering_in(CONSUMER, self._vpc(CONSUMER)) or bool(self._addresses())
        self.screen.told(
            "now", "WRONG: something is left" if left else "records, association and registry are gone with the zone"
        )
        return not left

    def _vpc(self, account: str) -> str:
        return self.drawbridge.sample.networks[account].vpc_id

    def _addresses(self) -> list[str]:
        return self.domains.addresses(OWN_NAME, CONSUMER, self._vpc(CONSUMER))

    def _resolve(self) -> None:
        vpc = self._vpc(CONSUMER)
        answer = self.domains.resolve(OWN_NAME, CONSUMER, vpc)
        found = " ".join(self._addresses())
        said = f"{found}, by zone {answer['zone']['id']} of account {answer['zone']['owner']}" if found else "no answer"
        self.screen.told("now", f"{self.people.name(CONSUMER)} asks in {vpc} for {OWN_NAME}: {said}")

    def _list(self, what: str, zone: str) -> None:
        self.screen.heading(f"{what} ({zone})")
        for (name, kind), content in sorted(self.domains.records(zone).items()):
            text = (
                f"alias {content}" if isinstance(content, str) else MIDDLE.sub(r"\1,...,\2,...,\3", " ".join(content))
            )
            self.screen.detail(f"{name} {kind}")
            self.screen.detail(f"  {text}")

    def _list_vpcs(self, zone: str) -> None:
        self.screen.heading(f"the VPCs that {zone} is associated with")
        owners = {self._vpc(account): account for account in (HUB, CONSUMER)}
        for vpc in sorted(self.domains.associated(zone)):
            self.screen.detail(f"{vpc} of {self.people.name(owners[vpc])} ({owners[vpc]})")
        self.screen.detail(f"authorizations left over: {len(self.domains.authorized(zone))}")

    def _list_zones_of_the_consumer(self) -> None:
        vpc = self._vpc(CONSUMER)
        self.screen.heading(f"the zones that answer in {vpc}, as {self.people.name(CONSUMER)} lists them")
        zones = self.domains.answering_in(CONSUMER, vpc)
        for name, owner in sorted(zones.items()):
            self.screen.detail(f"{name} of {owner}")
        if not zones:
            self.screen.detail("none")

    def _await(self, what: str, happened: Callable[[], Any]) -> None:
        """Wait until it has happened; what sync-dns would look at in half a minute it looks at now."""

        def look() -> Any:
            self._tell()
            return happened()

        self.drawbridge.later_until(what, look)
        self._tell()

    def _tell(self) -> None:
        """What was decided since it was told last."""
        lines = self.drawbridge.sync_dns.log.decisions(self._began)
        for line in lines[self._told :]:
            word = WORDS.get(line["decision"], line["decision"].upper())
            self.screen.told(word, self._about(line), YELLOW if line["decision"] == "hold" else GREEN)
            self.screen.detail(tell_why(line))
        self._told = len(lines)

    def _about(self, line: dict[str, Any]) -> str:
        """What a decision is about, and what is done."""
        name = line.get("private_dns_name") or line.get("dns_name") or line["message"]
        if "vpc_owner" in line:
            name = f"{name} in {line['vpc_id']} of {self.people.name(line['vpc_owner'])}"
        return f"{name}: {line['detail']}" if "detail" in line else name
