"""Templates with parameters and pseudo parameters put in: what CloudFormation would create.

Evaluates parameter constraints, rules, conditions and intrinsic functions as the CloudFormation user guide describes
them. Whatever isn't known here is an error, never a guess.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.physical import attribute, identifier
from infra.template import Template

MANAGEMENT_ACCOUNT = "111111111111"
HUB_ACCOUNT = "222222222222"
PROVIDER_ACCOUNT = "333333333333"
CONSUMER_ACCOUNT = "444444444444"
STRANGER_ACCOUNT = "999999999999"
ORGANIZATION = "o-a1b2c3d4e5"
OTHER_ORGANIZATION = "o-zzzzzzzzzz"
REGION = "eu-west-1"
OTHER_REGION = "us-east-1"
# Where AWS Organizations tells of itself.
ORGANIZATIONS_REGION = OTHER_REGION

HUB_PARAMETERS = {
    "OrganizationId": ORGANIZATION,
    "ManagementAccountId": MANAGEMENT_ACCOUNT,
    "ProviderAccounts": f"{HUB_ACCOUNT},{PROVIDER_ACCOUNT}",
    "ProviderRegions": REGION,
}
# All that sync-dns can be let do.
DNS_PARAMETERS = {
    "VerifyDomains": "yes",
    "ConsumerAccounts": f"{HUB_ACCOUNT},{CONSUMER_ACCOUNT}",
    "PrivateNames": "tagged",
    "DnsAccounts": f"{HUB_ACCOUNT},{PROVIDER_ACCOUNT}",
    "WriteZones": "yes",
    "WriteProfiles": "yes",
}
MEMBER_PARAMETERS = {
    "HubAccountId": HUB_ACCOUNT,
    "HubRegion": REGION,
    "OrganizationId": ORGANIZATION,
    "ProviderRole": "yes",
    "Forwarding": "yes",
}
MEMBER_DNS_PARAMETERS = {
    "ConsumerRole": "yes",
    "DnsRole": "yes",
    "VerifyDomains": "yes",
    "PrivateNames": "tagged",
    "WriteZones": "yes",
    "WriteProfiles": "yes",
}
# All that tag-resources can be let do, in the hub and in members.
TAG_PARAMETERS = {"WriteTags": "yes", "TagKeys": "creator,cost-centre"}
# All that publish-alarms can be let do, in the hub and in members.
ALARM_PARAMETERS = {"WriteAlarms": "yes"}
# All that sync-cloud-map can be let do, in the hub and in members.
CLOUD_MAP_PARAMETERS = {"WriteCloudMap": "dns", "WriteTargets": "yes"}
MANAGEMENT_PARAMETERS = {
    "HubAccountId": HUB_ACCOUNT,
    "HubRegion": REGION,
    "OrganizationId": ORGANIZATION,
}
# What the stack set asks for besides the parameters of its stacks.
STACK_SET_PARAMETERS = {
    "TemplateUrl": "https://artifacts.s3.amazonaws.com/drawbridge-member.yaml",
    "OrganizationalUnits": "ou-ab12-11111111,ou-ab12-22222222",
    "Regions": f"{REGION},{OTHER_REGION}",
}
MANAGING = {"ManagePrincipals": "yes"}
_ALIKE = MANAGING | TAG_PARAMETERS | ALARM_PARAMETERS | CLOUD_MAP_PARAMETERS
# All that each template can let anybody do.
EVERYTHING = {
    "hub.yaml": HUB_PARAMETERS | DNS_PARAMETERS | _ALIKE,
    "member.yaml": MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | _ALIKE,
    "management.yaml": MANAGEMENT_PARAMETERS | {"CreateDelegationPolicy": "yes"},
    "stackset.yaml": STACK_SET_PARAMETERS | MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | _ALIKE,
}
# The account and Region of each template; a member's may be any other.
PLACES = {
    "hub.yaml": (HUB_ACCOUNT, REGION),
    "member.yaml": (PROVIDER_ACCOUNT, REGION),
    "management.yaml": (MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION),
    "stackset.yaml": (MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION),
}


class RefusedError(Exception):
    """CloudFormation would refuse to create the stack with these parameters."""


class _NoValue:
    """`AWS::NoValue`: the property or item that holds it isn't there."""


_NO_VALUE = _NoValue()


class Rendering:
    """One template, rendered for one account and Region."""

    def __init__(
        self,
        template: Template,
        parameters: Mapping[str, str],
        account: str = HUB_ACCOUNT,
        region: str = REGION,
    ) -> None:
        self.account, self.region = account, region
        self._template = template
        self._pseudo: dict[str, Any] = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::StackName": "drawbridge",
            "AWS::NoValue": _NO_VALUE,
        }
        self._parameters = _checked_parameters(template, parameters)
        self._check_rules()
        self.resources: dict[str, dict[str, Any]] = {
            logical_id: {**resource, "Properties": self.resolve(resource.get("Properties", {}))}
            for logical_id, resource in template["Resources"].items()
            if self._exists(resource)
        }

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Resolved properties of a resource."""
        return self.resources[logical_id]["Properties"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resolved properties of all resources of a type."""
        return {name: found["Properties"] for name, found in self.resources.items() if found["Type"] == kind}

    def reference(self, logical_id: str) -> str:
        """What `Ref` gives for a resource."""
        return self._ref(logical_id)

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        return self._attribute([logical_id, "Arn"])

    def resolve(self, value: Any) -> Any:
        """The value with all intrinsic functions evaluated."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise NotImplementedError(name)
        found = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not _NO_VALUE}

    def _exists(self, resource: dict[str, Any]) -> bool:
        return "Condition" not in resource or self._condition(resource["Condition"])

    def _condition(self, name: str) -> bool:
        return bool(self.resolve(self._template["Conditions"][name]))

    def _check_rules(self) -> None:
        for name, rule in self._template.get("Rules", {}).items():
            if "RuleCondition" in rule and not self.resolve(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self.resolve(assertion["Assert"]):
                    raise RefusedError(f"{name}: {assertion['AssertDescription']}")

    def _ref(self, name: str) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        kind, properties = self._resource(name)
        return identifier(kind, name, properties, self.account, self.region)

    def _attribute(self, argument: list[str]) -> str:
        name, wanted = argument
        kind, properties = self._resource(name)
        return attribute(kind, wanted, name, properties, self.account, self.region)

    def _resource(self, name: str) -> tuple[str, dict[str, Any]]:
        """Type and properties of a resource; of these only what its own names are made of is resolved."""
        resource = self._template["Resources"][name]
        if not self._exists(resource):
            raise RefusedError(f"{name} is referred to, but its condition is false")
        names = {k: v for k, v in resource.get("Properties", {}).items() if k.endswith("Name")}
        return resource["Type"], self.resolve(names)

    def _sub(self, argument: str | list[Any]) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else argument
        known = self.resolve(variables)

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name in known:
                return str(known[name])
            return str(self._attribute(name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", replaced, text)

    def _if(self, argument: list[Any]) -> Any:
        condition, yes, no = argument
        return self.resolve(yes if self._condition(condition) else no)


def _checked_parameters(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    declared = template.get("Parameters", {})
    unknown = set(given) - set(declared)
    if unknown:
        raise RefusedError(f"no such parameters: {sorted(unknown)}")
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        value = given.get(name, declaration.get("Default"))
        if value is None:
            raise RefusedError(f"{name} has no value")
        listed = declaration["Type"] == "CommaDelimitedList"
        items = [item.strip() for item in str(value).split(",")] if listed else [str(value)]
        for item in items:
            _check_parameter(name, declaration, item)
        values[name] = items if listed else items[0]
    return values


def _check_parameter(name: str, declaration: dict[str, Any], value: str) -> None:
    allowed = [str(item) for item in declaration.get("AllowedValues", [value])]
    pattern = declaration.get("AllowedPattern", ".*")
    if value not in allowed or not re.fullmatch(pattern, value) or not _within(declaration, value):
        raise RefusedError(f"{name} {declaration.get('ConstraintDescription', f'must be one of {allowed}')}")


def _within(declaration: dict[str, Any], value: str) -> bool:
    """Whether a number is one, and within its limits."""
    if declaration["Type"] != "Number":
        return True
    try:
        number = float(value)
    except ValueError:
        return False
    return declaration.get("MinValue", number) <= number <= declaration.get("MaxValue", number)


def _each_member_in(rendering: Rendering, argument: list[Any]) -> bool:
    """A function of rules alone."""
    members, allowed = (rendering.resolve(item) for item in argument)
    return all(member in allowed for member in members)


def _equals(rendering: Rendering, argument: list[Any]) -> bool:
    left, right = (rendering.resolve(item) for item in argument)
    return str(left) == str(right)


_FUNCTIONS: dict[str, Callable[[Rendering, Any], Any]] = {
    "Ref": Rendering._ref,
    "Condition": Rendering._condition,
    "Fn::GetAtt": Rendering._attribute,
    "Fn::Sub": Rendering._sub,
    "Fn::If": Rendering._if,
    "Fn::Join": lambda r, argument: argument[0].join(r.resolve(argument[1])),
    "Fn::Split": lambda r, argument: r.resolve(argument[1]).split(argument[0]),
    "Fn::Select": lambda r, argument: r.resolve(argument[1])[int(argument[0])],
    "Fn::Equals": _equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::Contains": lambda r, argument: r.resolve(argument[1]) in r.resolve(argument[0]),
    "Fn::Not": lambda r, argument: not r.resolve(argument[0]),
    "Fn::And": lambda r, argument: all(r.resolve(item) for item in argument),
    "Fn::Or": lambda r, argument: any(r.resolve(item) for item in argument),
}
