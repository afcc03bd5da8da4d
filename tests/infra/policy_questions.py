"""Questions to the policies of the templates: who asks what of what, and what the answer has to be.

Written as pairs: first what is allowed, then what is one step beyond it, with what has to be in the way. The templates
are arguments, so that a defect in one of them shows in the answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.authorization import Decision, Document, Principal, Question, Resource
from infra.delivery import queue_policy, trust
from infra.parties import AS_THEY_ARE, Stacks, administrator, but, role, service
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    MANAGEMENT_ACCOUNT,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    STRANGER_ACCOUNT,
    Rendering,
)

ALLOWED, DENIED, IDENTITY, RESOURCE = Decision.ALLOWED, Decision.DENIED, Decision.IDENTITY, Decision.RESOURCE
Row = tuple[str, Question, Decision]

EXTERNAL_ID = "between-us"
HERE = {"aws:requestedregion": REGION}
ELSEWHERE = {"aws:requestedregion": OTHER_REGION}
OPTED_IN = {"aws:resourcetag/drawbridge:enabled": "true"}


def questions(stacks: Stacks = AS_THEY_ARE) -> list[Row]:
    """All of them."""
    parts = (_answering, _managing, _marking, _acting_elsewhere, _in_a_member, _naming, _tagging, _alarms, _cloud_map)
    shared = (_configuring, _bus, _queues, _topic, _roles_of_services, _organization, _sink)
    return [row for part in (*parts, *shared) for row in part(stacks)]


def of_ec2(kind: str, identifier: str, account: str = HUB_ACCOUNT, region: str = REGION) -> Resource:
    """Something of EC2 in an account."""
    return Resource(f"arn:aws:ec2:{region}:{account}:{kind}/{identifier}", account=account)


def endpoint_service(account: str = HUB_ACCOUNT) -> Resource:
    """An endpoint service."""
    return of_ec2("vpc-endpoint-service", "vpce-svc-0a1b2c3d4e5f60718", account)


def connection(account: str = HUB_ACCOUNT) -> Resource:
    """A connection to one."""
    return of_ec2("vpc-endpoint-connection", "vpce-con-0a1b2c3d4e5f60718", account)


def _answering(stacks: Stacks) -> Iterator[Row]:
    who = role(stacks.of_hub(), "FunctionRole")
    accept = Question(who, "ec2:AcceptVpcEndpointConnections", endpoint_service(), HERE | OPTED_IN)
    every = role(stacks.of_hub(ServiceSelection="every"), "FunctionRole")
    yield "accept at a service that opted in", accept, ALLOWED
    yield "accept at a service without the tag", but(accept, {next(iter(OPTED_IN)): None}), IDENTITY
    yield "accept at a service that opted out", but(accept, {next(iter(OPTED_IN)): "false"}), IDENTITY
    yield "accept in another Region", but(accept, ELSEWHERE), IDENTITY
    yield "accept in another account by the hub's role", but(accept, on=endpoint_service(PROVIDER_ACCOUNT)), IDENTITY
    yield "accept by the watcher", but(accept, who=role(stacks.of_hub(), "WatchRole")), IDENTITY
    yield "accept without the tag, every service", but(accept, {next(iter(OPTED_IN)): None}, who=every), ALLOWED


def _managing(stacks: Stacks) -> Iterator[Row]:
    who, unmanaged = (role(stacks.of_hub(ManagePrincipals=value), "FunctionRole") for value in ("yes", "no"))
    change = Question(who, "ec2:ModifyVpcEndpointServicePermissions", endpoint_service(), HERE | OPTED_IN)
    yield "change allowed principals", change, ALLOWED
    yield "change allowed principals that are not managed", but(change, who=unmanaged), IDENTITY
    yield "delete the service", but(change, action="ec2:DeleteVpcEndpointServiceConfigurations"), IDENTITY


def _marking(stacks: Stacks) -> Iterator[Row]:
    keys = {"aws:tagkeys": ["drawbridge:owner", "drawbridge:decision"]}
    mark = Question(role(stacks.of_hub(), "FunctionRole"), "ec2:CreateTags", connection(), HERE | keys)
    yield "mark a connection with our keys", mark, ALLOWED
    yield "mark it with a key of others", but(mark, {"aws:tagkeys": ["drawbridge:owner", "Name"]}), IDENTITY
    yield "mark it with a person's word", but(mark, {"aws:tagkeys": ["drawbridge:approval"]}), IDENTITY
    yield "mark it with no key", but(mark, {"aws:tagkeys": None}), IDENTITY
    yield "mark a service", but(mark, on=endpoint_service()), IDENTITY
    yield "take the mark away", but(mark, action="ec2:DeleteTags"), IDENTITY


def member_role(stack: Rendering, organization: str = ORGANIZATION) -> Resource:
    """The role that the hub's functions take in a member."""
    return Resource(
        stack.arn("MemberRole"), stack.account, organization, trust(stack, "MemberRole"), policy_decides=True
    )


def _acting_elsewhere(stacks: Stacks) -> Iterator[Row]:
    hub, member = stacks.of_hub(), stacks.of_member()
    who, on, session = role(hub, "FunctionRole"), member_role(member), "sts:rolesessionname"
    take = Question(who, "sts:AssumeRole", on, {session: "accept-connections"})
    asking = member_role(stacks.of_member(ExternalId=EXTERNAL_ID))
    foreign = Resource(f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin", PROVIDER_ACCOUNT, ORGANIZATION, EVERYBODY)
    yield "take the member role", take, ALLOWED
    yield "take another role that would let everybody in", but(take, on=foreign), IDENTITY
    yield "take a role of another Organization", but(take, on=member_role(member, OTHER_ORGANIZATION)), IDENTITY
    yield "take it in the name of another function", but(take, {session: "sync-dns"}), RESOURCE
    yield "take it in a name of one's own", but(take, {session: "accept-connections-2"}), RESOURCE
    yield "take it without a name", but(take, {session: None}), RESOURCE
    yield "take it as the hub's administrator", but(take, who=administrator(HUB_ACCOUNT)), RESOURCE
    yield (
        "take it as a hub that left the Organization",
        but(take, who=role(hub, "FunctionRole", organization=OTHER_ORGANIZATION)),
        RESOURCE,
    )
    like_ours = administrator(STRANGER_ACCOUNT, f"drawbridge-accept-connections-{REGION}")
    yield "take it by a role of our name in another account", but(take, who=like_ours), RESOURCE
    external_id = "sts:externalid"
    yield "take it with the external id", but(take, {external_id: EXTERNAL_ID}, on=asking), ALLOWED
    yield "take it with a wrong external id", but(take, {external_id: "guessed"}, on=asking), DENIED
    yield "take it without an external id", but(take, on=asking), DENIED


EVERYBODY: Document = [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]


def _in_a_member(stacks: Stacks) -> Iterator[Row]:
    def session(name: str, **parameters: str) -> Principal:
        return role(stacks.of_member(**parameters), "MemberRole", name)

    who = session("accept-connections")
    accept = Question(who, "ec2:AcceptVpcEndpointConnections", endpoint_service(PROVIDER_ACCOUNT), HERE | OPTED_IN)
    yield "accept in a member", accept, ALLOWED
    for other in ("watch-organization", "sync-dns", "tag-resources", "publish-alarms", "sync-cloud-map"):
        yield f"accept in a member as {other}", but(accept, who=session(other)), IDENTITY
    yield (
        "accept in a member that is no provider",
        but(accept, who=session("accept-connections", ProviderRole="no")),
        IDENTITY,
    )
    yield "accept in a member without the tag", but(accept, {next(iter(OPTED_IN)): None}), IDENTITY
    yield (
        "take another role from there",
        but(accept, action="sts:AssumeRole", on=member_role(stacks.of_member(CONSUMER_ACCOUNT))),
        IDENTITY,
    )


ZONE = Resource("arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ")
RECORD_TYPES = "route53:changeresourcerecordsetsrecordtypes"


def _naming(stacks: Stacks) -> Iterator[Row]:
    who = role(stacks.of_hub(), "SyncRole")
    without_zones = role(stacks.of_hub(DnsAccounts=PROVIDER_ACCOUNT), "SyncRole")
    write = Question(who, "route53:ChangeResourceRecordSets", ZONE, {RECORD_TYPES: ["A", "TXT"]})
    yield "write addresses and our register", write, ALLOWED
    yield "write mail exchangers", but(write, {RECORD_TYPES: ["A", "MX"]}), IDENTITY
    yield "write records in an account whose zones are not ours", but(write, who=without_zones), IDENTITY
    yield (
        "write records in a member as accept-connections",
        but(write, who=role(stacks.of_member(), "MemberRole", "accept-connections")),
        IDENTITY,
    )
    make = Question(who, "route53:CreateHostedZone", Resource(), {"route53:vpcs": [f"VPCId=vpc-1,VPCRegion={REGION}"]})
    yield "make a private zone", make, ALLOWED
    yield "make a public zone", but(make, {"route53:vpcs": None}), IDENTITY
    yield (
        "make a zone for a VPC of another Region",
        but(make, {"route53:vpcs": [f"VPCId=vpc-1,VPCRegion={OTHER_REGION}"]}),
        IDENTITY,
    )
    yield (
        "make a zone that was not let be made",
        but(make, who=role(stacks.of_hub(WriteZones="no"), "SyncRole")),
        IDENTITY,
    )


def _tagging(stacks: Stacks) -> Iterator[Row]:
    who, on, keys = role(stacks.of_hub(), "TagsRole"), of_ec2("vpc-endpoint", "vpce-0f1e2d3c4b5a69788"), "aws:tagkeys"
    tag = Question(who, "ec2:CreateTags", on, HERE | {keys: ["creator", "drawbridge:tags"]})
    yield "tag an endpoint with the keys of the stack", tag, ALLOWED
    yield "tag it with another key", but(tag, {keys: ["creator", "team"]}), IDENTITY
    yield "tag it with a key that Drawbridge obeys", but(tag, {keys: ["drawbridge:enabled"]}), IDENTITY
    yield "tag it without leave", but(tag, who=role(stacks.of_hub(WriteTags="no"), "TagsRole")), IDENTITY
    yield "tag a VPC", but(tag, on=of_ec2("vpc", "vpc-0c0ffee0c0ffee0c0")), IDENTITY
    yield "take a tag away", but(tag, action="ec2:DeleteTags"), IDENTITY


def alarm(name: str) -> Resource:
    """An alarm of the hub account."""
    return Resource(f"arn:aws:cloudwatch:{REGION}:{HUB_ACCOUNT}:alarm:{name}", HUB_ACCOUNT)


def _alarms(stacks: Stacks) -> Iterator[Row]:
    who, mark = role(stacks.of_hub(), "AlarmsRole"), "aws:requesttag/drawbridge:owner"
    put = Question(who, "cloudwatch:PutMetricAlarm", alarm("drawbridge/vpce-1"), HERE | {mark: "drawbridge"})
    yield "make an alarm with our mark and name", put, ALLOWED
    yield "make an alarm without our mark", but(put, {mark: None}), IDENTITY
    yield "overwrite an alarm of others", but(put, on=alarm("billing")), IDENTITY
    yield "make an alarm without leave", but(put, who=role(stacks.of_hub(WriteAlarms="no"), "AlarmsRole")), IDENTITY
    delete = but(put, action="cloudwatch:DeleteAlarms")
    yield "delete an alarm of ours", delete, ALLOWED
    yield "delete an alarm of others", but(delete, on=alarm("billing")), IDENTITY
    yield "silence an alarm", but(put, action="cloudwatch:DisableAlarmActions"), IDENTITY


def _cloud_map(stacks: Stacks) -> Iterator[Row]:
    who, followed = role(stacks.of_hub(), "CloudMapRole"), "aws:resourcetag/drawbridge:cloud-map"
    group = Resource(
        f"arn:aws:elasticloadbalancing:{REGION}:{HUB_ACCOUNT}:targetgroup/orders/73e2d6bc24d8a067", HUB_ACCOUNT
    )
    register = Question(who, "elasticloadbalancing:RegisterTargets", group, HERE | {followed: "srv-1"})
    yield "register targets in a group that follows", register, ALLOWED
    yield "register targets in any group", but(register, {followed: None}), IDENTITY
    yield (
        "register targets without leave",
        but(register, who=role(stacks.of_hub(WriteTargets="no"), "CloudMapRole")),
        IDENTITY,
    )
    ours, marked = (
        "aws:resourcetag/drawbridge:owner",
        Resource(f"arn:aws:servicediscovery:{REGION}:{HUB_ACCOUNT}:service/srv-1"),
    )
    delete = Question(who, "servicediscovery:DeleteService", marked, HERE | {ours: "drawbridge"})
    yield "delete a service that we made", delete, ALLOWED
    yield "delete a service of others", but(delete, {ours: None}), IDENTITY


def _configuring(stacks: Stacks) -> Iterator[Row]:
    def profile(account: str, name: str) -> Resource:
        place = f"arn:aws:appconfig:{REGION}:{account}:application/application-Application/environment/environment-Environment"
        return Resource(f"{place}/configuration/{name}", account)

    who = role(stacks.of_hub(), "SyncRole")
    ask = Question(who, "appconfig:GetLatestConfiguration", profile(HUB_ACCOUNT, "profile-PolicyProfile"), HERE)
    yield "read the policy", ask, ALLOWED
    yield "read another profile", but(ask, on=profile(HUB_ACCOUNT, "profile-Payments")), IDENTITY
    yield "read it from another account", but(ask, on=profile(PROVIDER_ACCOUNT, "profile-PolicyProfile")), IDENTITY
    yield "put a version in force", but(ask, action="appconfig:StartDeployment"), IDENTITY


def _bus(stacks: Stacks) -> Iterator[Row]:
    hub, member = stacks.of_hub(), stacks.of_member(CONSUMER_ACCOUNT)
    bus = Resource(hub.arn("Bus"), HUB_ACCOUNT, ORGANIZATION, [hub.properties("BusPolicy")["Statement"]])
    source, kind = "events:source", "events:detail-type"
    put = {source: ["drawbridge"], kind: "Connection Accepted"}
    forward = Question(
        role(member, "ForwarderRole"),
        "events:PutEvents",
        bus,
        {source: ["aws.ec2"], kind: "AWS API Call via CloudTrail"},
    )
    stranger = administrator(STRANGER_ACCOUNT, f"drawbridge-forwarder-{REGION}", OTHER_ORGANIZATION)
    other_bus = Resource(f"arn:aws:events:{REGION}:{HUB_ACCOUNT}:event-bus/default", HUB_ACCOUNT, policy=bus.policy)
    yield "forward to the hub bus", forward, ALLOWED
    yield "forward to another bus of the hub", but(forward, on=other_bus), IDENTITY
    yield "forward as another Organization", but(forward, who=stranger), RESOURCE
    yield "put events as another role of a member", but(forward, who=administrator(CONSUMER_ACCOUNT)), RESOURCE
    yield "make a rule on the hub bus from a member", but(forward, action="events:PutRule", who=stranger), RESOURCE
    tell = Question(role(hub, "FunctionRole"), "events:PutEvents", bus, put)
    yield "tell of a decision", tell, ALLOWED
    yield "tell in the name of others", but(tell, {source: ["drawbridge", "payments"]}), IDENTITY
    yield "tell of a decision as the watcher", but(tell, who=role(hub, "WatchRole")), IDENTITY
    yield "ask for a review as the watcher", but(tell, {kind: "Review Requested"}, who=role(hub, "WatchRole")), ALLOWED
    sweep = but(tell, {kind: "Sweep Requested"}, who=role(hub, "SweepRole"))
    yield "ask for a sweep by the schedule", sweep, ALLOWED
    yield "tell of a decision by the schedule", but(sweep, {kind: "Connection Accepted"}), IDENTITY


def _queues(stacks: Stacks) -> Iterator[Row]:
    hub = stacks.of_hub()
    queue = Resource(hub.arn("Queue"), HUB_ACCOUNT, ORGANIZATION, queue_policy(hub, hub.arn("Queue")))
    source, account = "aws:sourcearn", "aws:sourceaccount"
    send = Question(service("events"), "sqs:SendMessage", queue, {source: hub.arn("Calls"), account: HUB_ACCOUNT})
    elsewhere = hub.arn("Calls").replace(HUB_ACCOUNT, STRANGER_ACCOUNT)
    yield "wake the function by its rule", send, ALLOWED
    yield "wake it by another rule", but(send, {source: hub.arn("OrganizationChanges")}), RESOURCE
    yield "wake it by a rule of another account", but(send, {source: elsewhere, account: STRANGER_ACCOUNT}), RESOURCE
    yield "wake it from a member", but(send, who=administrator(CONSUMER_ACCOUNT)), RESOURCE
    yield "wake it by our topic", but(send, {source: hub.arn("Topic"), account: None}, who=service("sns")), ALLOWED
    yield "wake it by another topic", but(send, {source: hub.arn("Topic") + "-2"}, who=service("sns")), RESOURCE
    yield (
        "take its messages as another function",
        but(send, action="sqs:ReceiveMessage", who=role(hub, "SyncRole")),
        IDENTITY,
    )
    yield "send to it by hand as the function", but(send, who=role(hub, "FunctionRole")), IDENTITY


def _topic(stacks: Stacks) -> Iterator[Row]:
    hub = stacks.of_hub()
    topic = Resource(hub.arn("Topic"), HUB_ACCOUNT, policy=hub.properties("TopicPolicy")["PolicyDocument"]["Statement"])
    known = {"aws:sourcearn": endpoint_service(PROVIDER_ACCOUNT).arn, "aws:sourceaccount": PROVIDER_ACCOUNT}
    notify = Question(service("vpce"), "sns:Publish", topic, known)
    yield "notify of a connection at a provider's service", notify, ALLOWED
    yield "notify for an account that is no provider", but(notify, {"aws:sourceaccount": STRANGER_ACCOUNT}), RESOURCE
    yield "notify of something else", but(notify, {"aws:sourcearn": connection(PROVIDER_ACCOUNT).arn}), RESOURCE
    yield "notify without saying for whom", but(notify, {"aws:sourceaccount": None}), RESOURCE
    yield "publish as a provider's administrator", but(notify, who=administrator(PROVIDER_ACCOUNT)), RESOURCE
    yield "subscribe from a member", but(notify, action="sns:Subscribe", who=administrator(CONSUMER_ACCOUNT)), RESOURCE


def _roles_of_services(stacks: Stacks) -> Iterator[Row]:
    hub, member = stacks.of_hub(), stacks.of_member(CONSUMER_ACCOUNT)
    forwarder = Resource(
        member.arn("ForwarderRole"), CONSUMER_ACCOUNT, policy=trust(member, "ForwarderRole"), policy_decides=True
    )
    known = {"aws:sourcearn": member.arn("ForwardCalls"), "aws:sourceaccount": CONSUMER_ACCOUNT}
    take = Question(service("events"), "sts:AssumeRole", forwarder, known)
    yield "take the forwarder's role by its rule", take, ALLOWED
    yield (
        "take it by another rule",
        but(take, {"aws:sourcearn": member.arn("ForwardCalls").replace("drawbridge", "my")}),
        RESOURCE,
    )
    yield "take it for another account", but(take, {"aws:sourceaccount": STRANGER_ACCOUNT}), RESOURCE
    yield "take it as an administrator of the account", but(take, who=administrator(CONSUMER_ACCOUNT)), RESOURCE
    function = Resource(hub.arn("FunctionRole"), HUB_ACCOUNT, policy=trust(hub, "FunctionRole"), policy_decides=True)
    run = Question(service("lambda"), "sts:AssumeRole", function)
    yield "run the function with its role", run, ALLOWED
    yield "take a function's role as an administrator", but(run, who=administrator(HUB_ACCOUNT)), RESOURCE
    yield "take a function's role as another function", but(run, who=role(hub, "SyncRole")), RESOURCE


def _organization(stacks: Stacks) -> Iterator[Row]:
    hub, delegation = stacks.of_hub(), stacks.of_management().properties("DelegationPolicy")["Content"]["Statement"]

    def of(kind: str, organization: str = ORGANIZATION) -> Resource:
        arn = f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:{kind.format(organization)}"
        return Resource(arn, MANAGEMENT_ACCOUNT, organization, delegation)

    account = of(f"account/{{}}/{CONSUMER_ACCOUNT}")
    look = Question(role(hub, "FunctionRole"), "organizations:DescribeAccount", account)
    yield "ask who an account is", look, ALLOWED
    yield "ask it from a member", but(look, who=administrator(CONSUMER_ACCOUNT)), RESOURCE
    yield (
        "ask it of another Organization",
        but(look, on=of(f"account/{{}}/{CONSUMER_ACCOUNT}", OTHER_ORGANIZATION)),
        IDENTITY,
    )
    for change in ("MoveAccount", "RemoveAccountFromOrganization", "TagResource", "AttachPolicy", "PutResourcePolicy"):
        action = f"organizations:{change}"
        yield f"{change} as the hub's administrator", but(look, action=action, who=administrator(HUB_ACCOUNT)), RESOURCE
    kind = "organizations:policytype"
    rules = Question(role(hub, "TagsRole"), "organizations:DescribeEffectivePolicy", account, {kind: "TAG_POLICY"})
    yield "ask which tag policy is in force", rules, ALLOWED
    other_kind = but(rules, {kind: "BACKUP_POLICY"}, who=administrator(HUB_ACCOUNT))
    yield "ask which backup policy is in force", other_kind, RESOURCE


def _sink(stacks: Stacks) -> Iterator[Row]:
    hub = stacks.of_hub()
    sink = Resource(hub.arn("Sink"), HUB_ACCOUNT, ORGANIZATION, hub.properties("Sink")["Policy"]["Statement"])
    types = "oam:resourcetypes"
    link = Question(administrator(CONSUMER_ACCOUNT), "oam:CreateLink", sink, {types: ["AWS::CloudWatch::Metric"]})
    yield "link a member's metrics", link, ALLOWED
    yield "link its logs as well", but(link, {types: ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"]}), RESOURCE
    yield (
        "link metrics of another Organization",
        but(link, who=administrator(STRANGER_ACCOUNT, organization=OTHER_ORGANIZATION)),
        RESOURCE,
    )
