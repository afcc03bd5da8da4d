"""Rules of Route 53 Resolver: what calls on them demand of a role, and rules that other accounts share. The rest is moto's.

Service Authorization Reference, "Amazon Route 53 Resolver": listings are judged on `*`, other calls on the rule's ARN; whoever
associates a rule, or lists associations, reads VPCs in EC2. Developer Guide, "Sharing Resolver rules with other AWS accounts and
using shared rules": a rule that is shared with an account is listed there, and can be associated with its VPCs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model
from moto.route53resolver.models import ResolverRule, Route53ResolverBackend, route53resolver_backends

from .api_call import ApiCall
from .identity.demand import EVERYTHING, Demand
from .route53.sources import find_rule
from .shares import is_shared_with, principals_of

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

SERVICE = "route53resolver"
READING_VPCS = Demand("ec2:DescribeVpcs", EVERYTHING)
WITH_VPCS = ("AssociateResolverRule", "ListResolverRuleAssociations")
# What knows also rules that are shared with the account.
USING = ("associate_resolver_rule", "disassociate_resolver_rule", "get_resolver_rule", "list_resolver_rules")


def install(hooks: Hooks, app: Emulator) -> None:
    """Have the calls judged, and let shared rules be used."""
    for name in get_service_model(SERVICE).operation_names:
        if "ResolverRule" in name:
            app.authorization.demand(SERVICE, name, _demands)
    for name in USING:
        hooks.wrap(Route53ResolverBackend, name, _with_shared)


def _demands(call: ApiCall) -> Iterable[Demand]:
    yield Demand(f"{SERVICE}:{call.operation}", _resource(call))
    if call.operation in WITH_VPCS:
        yield READING_VPCS


def _resource(call: ApiCall) -> str:
    if call.operation.startswith("List"):
        return EVERYTHING
    if call.parameter("Arn"):
        return str(call.parameter("Arn"))
    rule_id = call.parameter("ResolverRuleId") or _associated(call) or EVERYTHING
    rule = find_rule(call.region, rule_id)
    return rule.arn if rule is not None else f"arn:aws:{SERVICE}:{call.region}:{call.account}:resolver-rule/{rule_id}"


def _associated(call: ApiCall) -> str | None:
    """The rule of the association that a call names."""
    associations = route53resolver_backends[call.account][call.region].resolver_rule_associations
    association = associations.get(call.parameter("ResolverRuleAssociationId", ""))
    return association.resolver_rule_id if association is not None else None


def _with_shared(original: Callable[..., Any], backend: Any, *arguments: Any, **named: Any) -> Any:
    """As if the rules that are shared with the account were its own (calls of this service run one at a time)."""
    own = backend.resolver_rules
    seen = [*own.values(), *_shared_with(backend.account_id, backend.region_name)]
    backend.resolver_rules = {rule.id: _as_seen_by(backend.account_id, rule) for rule in seen}
    try:
        return original(backend, *arguments, **named)
    finally:
        backend.resolver_rules = own


def _shared_with(account: str, region: str) -> list[ResolverRule]:
    others = [backends[region] for owner, backends in list(route53resolver_backends.items()) if owner != account]
    rules = [rule for backend in others for rule in backend.resolver_rules.values()]
    return [rule for rule in rules if is_shared_with(account, rule.arn, rule.account_id, region)]


def _as_seen_by(account: str, rule: ResolverRule) -> ResolverRule:
    """The rule with its ShareStatus."""
    seen = copy.copy(rule)
    if rule.account_id != account:
        seen.share_status = "SHARED_WITH_ME"
    elif principals_of(rule.arn, account, rule.region):
        seen.share_status = "SHARED_BY_ME"
    return seen
