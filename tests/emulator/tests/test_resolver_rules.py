"""Rules of Route 53 Resolver: permissions of roles, and rules that are shared by RAM."""

from __future__ import annotations

from typing import Any

from .domains import message_of, resolve
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session

LISTINGS = ("route53resolver:ListResolverRules", "route53resolver:ListResolverRuleAssociations")


def make_rule(party: Party, domain: str = "corp.example") -> dict[str, Any]:
    """A rule by which questions for a domain would go elsewhere."""
    return party.client("route53resolver").create_resolver_rule(
        CreatorRequestId=domain,
        Name="out",
        RuleType="FORWARD",
        DomainName=domain,
        TargetIps=[{"Ip": "10.0.0.53", "Port": 53}],
    )["ResolverRule"]


def associate(party: Party, rule: dict[str, Any]) -> dict[str, Any]:
    """Let the rule work in the party's VPC."""
    api = party.client("route53resolver")
    request = {"ResolverRuleId": rule["Id"], "VPCId": party.network.vpc_id, "Name": "here"}
    return api.associate_resolver_rule(**request)["ResolverRuleAssociation"]


def as_role(emulator: RunningEmulator, *statements: dict[str, Any]) -> Any:
    """Resolver of a role that may do just this."""
    make_role(emulator, ROLE, *statements)
    return emulator.client("route53resolver", credentials=session(emulator, ROLE))


def test_role_that_may_list_rules_lists_them_and_changes_none(provider: Party) -> None:
    rule = make_rule(provider)
    made = associate(provider, rule)
    role = as_role(provider.emulator, allow([*LISTINGS]), allow("ec2:DescribeVpcs"))
    assert [found["Id"] for found in role.list_resolver_rules()["ResolverRules"]] == [rule["Id"]]
    (found,) = role.list_resolver_rule_associations()["ResolverRuleAssociations"]
    assert (found["Id"], found["VPCId"]) == (made["Id"], provider.network.vpc_id)
    rule_id, vpc = {"ResolverRuleId": rule["Id"]}, {"VPCId": provider.network.vpc_id}
    assert rule["Arn"] in message_of(role.get_resolver_rule, **rule_id)
    assert error_of(role.associate_resolver_rule, **rule_id, **vpc) == "AccessDeniedException"
    assert error_of(role.disassociate_resolver_rule, **rule_id, **vpc) == "AccessDeniedException"
    assert error_of(role.delete_resolver_rule, **rule_id) == "AccessDeniedException"
    association = {"ResolverRuleAssociationId": made["Id"]}
    assert rule["Arn"] in message_of(role.get_resolver_rule_association, **association)


def test_role_without_leave_lists_no_rules(provider: Party) -> None:
    role = as_role(provider.emulator, allow("ec2:DescribeVpcs"))
    assert error_of(role.list_resolver_rules) == "AccessDeniedException"
    assert error_of(role.list_resolver_rule_associations) == "AccessDeniedException"


def test_associations_of_rules_need_leave_to_read_vpcs(provider: Party) -> None:
    role = as_role(provider.emulator, allow([*LISTINGS]))
    assert role.list_resolver_rules()["ResolverRules"] == []
    assert "ec2:DescribeVpcs" in message_of(role.list_resolver_rule_associations)


def test_rule_on_its_own_arn_may_be_used_by_a_role(provider: Party) -> None:
    rule, other = make_rule(provider), make_rule(provider, "other.example")
    use = allow("route53resolver:*", rule["Arn"])
    role = as_role(provider.emulator, use, allow("ec2:DescribeVpcs"))
    vpc = {"VPCId": provider.network.vpc_id, "Name": "here"}
    assert role.associate_resolver_rule(ResolverRuleId=rule["Id"], **vpc)["ResolverRuleAssociation"]["Id"]
    assert error_of(role.associate_resolver_rule, ResolverRuleId=other["Id"], **vpc) == "AccessDeniedException"


def test_shared_rule_is_listed_and_works_in_vpcs_of_other_accounts(provider: Party, consumer: Party) -> None:
    rule = make_rule(provider)
    theirs = consumer.client("route53resolver")
    assert theirs.list_resolver_rules()["ResolverRules"] == []
    assert error_of(associate, consumer, rule) == "ResourceNotFoundException"
    ram = provider.client("ram")
    ram.create_resource_share(name="dns", resourceArns=[rule["Arn"]], principals=[CONSUMER])
    (found,) = theirs.list_resolver_rules(MaxResults=100)["ResolverRules"]
    assert (found["Id"], found["OwnerId"], found["ShareStatus"]) == (rule["Id"], PROVIDER, "SHARED_WITH_ME")
    (own,) = provider.client("route53resolver").list_resolver_rules()["ResolverRules"]
    assert own["ShareStatus"] == "SHARED_BY_ME"
    associate(consumer, rule)
    (association,) = theirs.list_resolver_rule_associations()["ResolverRuleAssociations"]
    assert association["ResolverRuleId"] == rule["Id"]
    answer = resolve(consumer.emulator, "www.corp.example", account=CONSUMER, vpc=consumer.network.vpc_id)
    assert (answer["status"], answer["zone"]["id"]) == ("FORWARDED", rule["Id"])
    assert provider.client("route53resolver").list_resolver_rule_associations()["ResolverRuleAssociations"] == []
    theirs.disassociate_resolver_rule(ResolverRuleId=rule["Id"], VPCId=consumer.network.vpc_id)
    assert theirs.list_resolver_rule_associations()["ResolverRuleAssociations"] == []
