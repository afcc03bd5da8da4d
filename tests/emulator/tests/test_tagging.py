"""The Resource Groups Tagging API: what it lists, and what it writes, over several services."""

from __future__ import annotations

from typing import Any

import pytest

from .discovery import CloudMap
from .domains import Domains
from .load_balancing import make_balancer
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator
from .sample_alarms import ALARM

OWN = {"drawbridge:owner": "main"}


class Estate:
    """One resource of each kind that the tests are about, none tagged yet."""

    def __init__(self, provider: Party) -> None:
        self.provider = provider
        self.domains = Domains(provider.emulator, provider.account)
        self.zone = f"arn:aws:route53:::hostedzone/{self.domains.make_zone('example.com')}"
        cloud_map, alarms = CloudMap(provider.emulator, provider.account), provider.client("cloudwatch")
        namespace = cloud_map.make_namespace("orders")
        self.namespace = namespace["Arn"]
        self.service = cloud_map.make_service(namespace, "api")["Arn"]
        self.balancer = make_balancer(provider)
        alarms.put_metric_alarm(AlarmName="drops: all", **ALARM)
        (alarm,) = alarms.describe_alarms()["MetricAlarms"]
        self.alarm = alarm["AlarmArn"]
        self.endpoint_service = provider.make_service(name="shop")["ServiceId"]

    @property
    def regional(self) -> list[str]:
        """The ARNs of what is in the Region."""
        service = f"arn:aws:ec2:eu-west-1:{self.provider.account}:vpc-endpoint-service/{self.endpoint_service}"
        return [self.namespace, self.service, self.alarm, service, *self.balancer.arns]


@pytest.fixture
def estate(provider: Party) -> Estate:
    return Estate(provider)


def tagging(party: Party, region: str = "eu-west-1") -> Any:
    return party.emulator.client("resourcegroupstaggingapi", account=party.account, region=region)


def listed(api: Any, **request: Any) -> dict[str, dict[str, str]]:
    """Tags by ARN, of one page."""
    found = api.get_resources(**request)["ResourceTagMappingList"]
    return {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in found}


def test_what_was_never_tagged_is_not_listed(estate: Estate, provider: Party) -> None:
    assert listed(tagging(provider)) == {}
    assert listed(tagging(provider), ResourceARNList=estate.regional) == {}
    assert listed(tagging(provider, "us-east-1"), ResourceARNList=[estate.zone]) == {}


def test_all_kinds_are_tagged_and_listed(estate: Estate, provider: Party) -> None:
    api = tagging(provider)
    assert api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)["FailedResourcesMap"] == {}
    assert listed(api) == dict.fromkeys(estate.regional, OWN)
    assert listed(api, ResourceARNList=estate.regional[:2]) == dict.fromkeys(estate.regional[:2], OWN)
    arn = provider.client("servicediscovery").list_tags_for_resource(ResourceARN=estate.service)
    assert arn["Tags"] == [{"Key": "drawbridge:owner", "Value": "main"}]
    (described,) = provider.client("elbv2").describe_tags(ResourceArns=[estate.balancer.arn])["TagDescriptions"]
    assert described["Tags"] == [{"Key": "drawbridge:owner", "Value": "main"}]
    assert provider.client("cloudwatch").list_tags_for_resource(ResourceARN=estate.alarm)["Tags"]


def test_tags_are_merged_and_never_replaced(estate: Estate, provider: Party) -> None:
    api = tagging(provider)
    for tags in ({"a": "1", "b": "1"}, {"b": "2", "c": "2"}):
        api.tag_resources(ResourceARNList=estate.regional, Tags=tags)
    assert listed(api) == {arn: {"a": "1", "b": "2", "c": "2"} for arn in estate.regional}
    assert api.untag_resources(ResourceARNList=estate.regional, TagKeys=["a", "absent"])["FailedResourcesMap"] == {}
    assert listed(api) == {arn: {"b": "2", "c": "2"} for arn in estate.regional}


def test_hosted_zones_are_known_in_us_east_1_only(estate: Estate, provider: Party) -> None:
    here, there = tagging(provider), tagging(provider, "us-east-1")
    failed = here.tag_resources(ResourceARNList=[estate.zone], Tags=OWN)["FailedResourcesMap"]
    assert failed[estate.zone]["ErrorCode"] == "InvalidParameterException"
    assert there.tag_resources(ResourceARNList=[estate.zone], Tags=OWN)["FailedResourcesMap"] == {}
    assert listed(there) == {estate.zone: OWN}
    assert listed(there, ResourceTypeFilters=["route53:hostedzone"]) == {estate.zone: OWN}
    assert listed(here) == {}
    assert listed(here, ResourceARNList=[estate.zone]) == {}
    zone = estate.zone.rpartition("/")[2]
    tags = estate.domains.api.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)
    assert tags["ResourceTagSet"]["Tags"] == [{"Key": "drawbridge:owner", "Value": "main"}]
    estate.domains.api.delete_hosted_zone(Id=zone)
    assert listed(there) == {}


def test_other_accounts_resources_are_not_to_be_seen(estate: Estate, provider: Party, consumer: Party) -> None:
    tagging(provider).tag_resources(ResourceARNList=estate.regional, Tags=OWN)
    tagging(provider, "us-east-1").tag_resources(ResourceARNList=[estate.zone], Tags=OWN)
    for region in ("eu-west-1", "us-east-1"):
        assert listed(tagging(consumer, region)) == {}
        assert listed(tagging(consumer, region), ResourceARNList=[*estate.regional, estate.zone]) == {}
    failed = tagging(consumer, "us-east-1").tag_resources(ResourceARNList=[estate.zone], Tags=OWN)["FailedResourcesMap"]
    assert failed[estate.zone]["StatusCode"] == 403
    failed = tagging(consumer).tag_resources(ResourceARNList=estate.regional, Tags=OWN)["FailedResourcesMap"]
    assert set(failed) == set(estate.regional)


@pytest.mark.parametrize(
    "take",
    [
        lambda estate, api: api.untag_resources(ResourceARNList=estate.regional, TagKeys=[*OWN]),
        lambda estate, api: _untag_by_their_services(estate),
    ],
    ids=["by the tagging API", "by the services"],
)
def test_what_lost_its_tags_is_listed_without_any(estate: Estate, provider: Party, take: Any) -> None:
    api = tagging(provider)
    api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)
    take(estate, api)
    assert listed(api) == {arn: {} for arn in estate.regional}
    assert listed(api, ResourceARNList=estate.regional) == {arn: {} for arn in estate.regional}
    assert listed(api, TagFilters=[{"Key": "drawbridge:owner"}]) == {}


def _untag_by_their_services(estate: Estate) -> None:
    provider, key = estate.provider, "drawbridge:owner"
    for arn in (estate.namespace, estate.service):
        provider.client("servicediscovery").untag_resource(ResourceARN=arn, TagKeys=[key])
    provider.client("cloudwatch").untag_resource(ResourceARN=estate.alarm, TagKeys=[key])
    provider.client("elbv2").remove_tags(ResourceArns=estate.balancer.arns, TagKeys=[key])
    provider.ec2.delete_tags(Resources=[estate.endpoint_service], Tags=[{"Key": key}])


def test_filters_are_of_services_types_and_tags(estate: Estate, provider: Party) -> None:
    api = tagging(provider)
    api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)
    api.tag_resources(ResourceARNList=[estate.alarm, estate.service], Tags={"unit": "shop"})
    found = listed(api, ResourceTypeFilters=["servicediscovery", "cloudwatch:alarm"])
    assert set(found) == {estate.namespace, estate.service, estate.alarm}
    assert set(listed(api, ResourceTypeFilters=["servicediscovery:service"])) == {estate.service}
    balancers = listed(api, ResourceTypeFilters=["elasticloadbalancing:listener", "elasticloadbalancing:targetgroup"])
    assert set(balancers) == {*estate.balancer.listeners, *estate.balancer.target_groups}
    both = [{"Key": "drawbridge:owner", "Values": ["main"]}, {"Key": "unit", "Values": ["shop", "other"]}]
    assert set(listed(api, TagFilters=both)) == {estate.alarm, estate.service}
    assert listed(api, TagFilters=[*both, {"Key": "absent"}]) == {}
    assert listed(api, TagFilters=[{"Key": "drawbridge:owner", "Values": ["other"]}]) == {}


def test_resources_come_in_pages_until_the_token_is_empty(estate: Estate, provider: Party) -> None:
    api, found, token, pages = tagging(provider), {}, "", 0
    api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)
    provider.emulator.control("POST", "settings", {"empty_tagging_pages": True})
    while True:
        page = api.get_resources(ResourcesPerPage=2, PaginationToken=token)
        found |= {one["ResourceARN"]: one for one in page["ResourceTagMappingList"]}
        token, pages = page["PaginationToken"], pages + 1
        if token == "":
            break
    assert set(found) == set(estate.regional)
    assert pages == 1 + (len(estate.regional) + 1) // 2
    provider.emulator.control("POST", "settings", {"empty_tagging_pages": False, "tagging_page": 3})
    assert len(listed(api, ResourcesPerPage=100)) == 3
    assert error_of(api.get_resources, PaginationToken="nonsense") == "PaginationTokenExpiredException"


def test_tags_limit_a_page_but_no_resource_is_split(estate: Estate, provider: Party) -> None:
    api = tagging(provider)
    api.tag_resources(ResourceARNList=estate.regional, Tags={f"key-{number}": "" for number in range(40)})
    first = api.get_resources(TagsPerPage=100)
    assert [len(one["Tags"]) for one in first["ResourceTagMappingList"]] == [40, 40]
    assert first["PaginationToken"]


@pytest.mark.parametrize(
    "request_",
    [
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "TagFilters": [{"Key": "a"}]},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "ResourceTypeFilters": ["route53"]},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "ResourcesPerPage": 10},
        {"ResourceARNList": [f"arn:aws:route53:::hostedzone/Z{number}" for number in range(101)]},
        {"ResourceARNList": ["hostedzone/Z1"]},
        {"ResourcesPerPage": 101},
        {"ResourcesPerPage": 0},
        {"TagsPerPage": 99},
        {"TagFilters": [{"Key": f"key-{number}"} for number in range(51)]},
        {"TagFilters": [{"Key": "a", "Values": [str(number) for number in range(21)]}]},
    ],
)
def test_wrong_request_for_resources_is_refused(provider: Party, request_: dict[str, Any]) -> None:
    assert error_of(tagging(provider).get_resources, **request_) == "InvalidParameterException"


def test_each_resource_has_an_answer_of_its_own(estate: Estate, provider: Party) -> None:
    region = f"eu-west-1:{PROVIDER}"
    absent = {
        f"arn:aws:servicediscovery:{region}:service/srv-gone": "ResourceNotFoundException",
        f"arn:aws:cloudwatch:{region}:alarm:gone": "ResourceNotFoundException",
        f"arn:aws:elasticloadbalancing:{region}:loadbalancer/net/gone/0123456789abcdef": "LoadBalancerNotFound",
        f"arn:aws:ec2:{region}:vpc-endpoint/vpce-0123456789abcdef0": "InvalidVpcEndpointId.NotFound",
        f"arn:aws:cloudwatch:us-east-1:{PROVIDER}:alarm:here": "InvalidParameterException",
        f"arn:aws:cloudwatch:eu-west-1:{CONSUMER}:alarm:here": "InvalidParameterException",
        f"arn:aws:mediastore:{region}:container/a": "InternalServiceException",
    }
    failed = tagging(provider).tag_resources(ResourceARNList=[*absent, estate.alarm], Tags=OWN)["FailedResourcesMap"]
    assert {arn: failure["ErrorCode"] for arn, failure in failed.items()} == absent
    assert all(failure["StatusCode"] >= 400 and failure["ErrorMessage"] for failure in failed.values())
    assert listed(tagging(provider)) == {estate.alarm: OWN}


def test_resource_with_50_tags_fails_alone(estate: Estate, provider: Party) -> None:
    api, full = tagging(provider), [estate.alarm, estate.service, estate.balancer.arn]
    api.tag_resources(ResourceARNList=full, Tags={f"key-{number}": "" for number in range(50)})
    failed = api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)["FailedResourcesMap"]
    assert set(failed) == set(full)
    assert failed[estate.balancer.arn]["ErrorCode"] == "TooManyTags"
    assert failed[estate.service]["ErrorCode"] == "TooManyTagsException"


@pytest.mark.parametrize(
    "request_",
    [
        {"ResourceARNList": [f"arn:aws:route53:::hostedzone/Z{number}" for number in range(21)], "Tags": OWN},
        {"ResourceARNList": ["not an ARN"], "Tags": OWN},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "Tags": {"aws:unit": ""}},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "Tags": {"k" * 129: ""}},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "Tags": {"unit": "v" * 257}},
        {"ResourceARNList": ["arn:aws:route53:::hostedzone/Z1"], "Tags": {f"k{number}": "" for number in range(51)}},
    ],
)
def test_wrong_request_for_tags_fails_as_a_whole(provider: Party, request_: dict[str, Any]) -> None:
    assert error_of(tagging(provider).tag_resources, **request_) == "InvalidParameterException"


def test_faults_may_be_ordered_for_a_call_and_for_a_resource(
    estate: Estate, provider: Party, emulator: RunningEmulator
) -> None:
    order = {"service": "resourcegroupstaggingapi", "operation": "TagResources"}
    emulator.control("POST", "faults", {**order, "code": "ThrottledException"})
    api = tagging(provider)
    assert error_of(api.tag_resources, ResourceARNList=[estate.alarm], Tags=OWN) == "ThrottledException"
    emulator.control("POST", "faults", {**order, "code": "Throttling", "unsuccessful": [estate.alarm]})
    failed = api.tag_resources(ResourceARNList=estate.regional, Tags=OWN)["FailedResourcesMap"]
    assert {arn: failure["ErrorCode"] for arn, failure in failed.items()} == {estate.alarm: "Throttling"}
    assert set(listed(api)) == set(estate.regional) - {estate.alarm}
    assert len(emulator.calls(operation="TagResources", account=PROVIDER)) == 2
