"""Who may do what, by the roles of moto's IAM and the Organization of moto's Organizations.

Used where AWS itself asks on somebody's behalf, so that a missing statement shows here too (a rule's target, a topic's
subscription, a function's role, a schedule's role), and for the calls of role sessions (`identity.authorization`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import AWSManagedPolicy, IAMBackend, ManagedPolicy, Role, aws_managed_policies_data, iam_backends
from moto.organizations.models import organizations_backends

from .api_call import Caller
from .hooks import Hooks
from .policy_documents import AccessRequest, ContextValue, Judgement, Principal, judge, judge_all
from .recording import RECORDING

if TYPE_CHECKING:
    from .server import Emulator

PARTITION = "aws"
AWS_POLICY = f"arn:{PARTITION}:iam::aws:policy/"


def install(hooks: Hooks, _: Emulator) -> None:
    """Make the policies that AWS manages attachable: moto holds their text, but loads them all or none."""
    hooks.wrap(IAMBackend, "attach_role_policy", _attach_role_policy)


def _attach_role_policy(original: Any, backend: Any, policy_arn: str, role_name: str) -> None:
    if policy_arn.startswith(AWS_POLICY) and policy_arn not in backend.managed_policies:
        name = policy_arn.rpartition("/")[2]
        known = json.loads(aws_managed_policies_data)
        if name in known:
            policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, known[name])
            backend.managed_policies[policy.arn] = policy
    original(backend, policy_arn, role_name)


def account_of(arn: str) -> str:
    """The account in an ARN."""
    return arn.split(":")[4]


def find_role(role_arn: str) -> Role | None:
    """The IAM role of an ARN, or None when there is none."""
    try:
        return iam_backends[account_of(role_arn)][PARTITION].get_role_by_arn(role_arn)
    except NotFoundException:
        return None


def organization_of(account: str) -> tuple[str, str] | None:
    """Id of the Organization an account belongs to, and the account's path in it (`aws:PrincipalOrgPaths`)."""
    management = account
    if account in organizations_backends.master_accounts:
        management = organizations_backends.master_accounts[account][0]
    backend = organizations_backends[management][PARTITION]
    if backend.org is None:
        return None
    members = {member.id: member for member in backend.accounts}
    if account not in members:
        return (backend.org.id, f"{backend.org.id}/") if account == management else None
    units, parent = [], members[account].parent_id
    while parent:
        units.append(parent)
        parent = next((unit.parent_id for unit in backend.ou if unit.id == parent), None)
    return backend.org.id, "/".join([backend.org.id, *reversed(units), ""])


def role_principal(role_arn: str) -> Principal:
    """A role as a principal."""
    return Principal(account=account_of(role_arn), arns=frozenset([role_arn]))


def request_of(
    principal: Principal, action: str, resource: str, context: Mapping[str, ContextValue] | None = None
) -> AccessRequest:
    """A request with the global condition keys of its principal filled in."""
    keys: dict[str, ContextValue] = dict(context or {})
    if principal.account:
        keys["aws:PrincipalAccount"] = principal.account
        organization = organization_of(principal.account)
        if organization:
            keys["aws:PrincipalOrgID"], path = organization
            keys["aws:PrincipalOrgPaths"] = [path]
    if principal.arns:
        keys["aws:PrincipalArn"] = min(principal.arns, key=lambda arn: ":role/" not in arn)
    if principal.service:
        keys["aws:PrincipalIsAWSService"] = "true"
        keys["aws:PrincipalServiceName"] = principal.service
        source = keys.get("aws:SourceAccount")
        organization = organization_of(source) if isinstance(source, str) else None
        if organization:
            keys["aws:SourceOrgID"] = organization[0]
    return AccessRequest(principal, action, resource, keys)


def role_allows(
    role_arn: str, action: str, resource: str, context: Mapping[str, ContextValue] | None = None
) -> Judgement:
    """What the role's own policies (and its boundary) say about an action."""
    judgement = _judge_role(role_arn, action, resource, context)
    RECORDING.asked(role_arn, context, action, judgement.allowed)
    return judgement


def _judge_role(role_arn: str, action: str, resource: str, context: Mapping[str, ContextValue] | None) -> Judgement:
    role = find_role(role_arn)
    if role is None:
        return Judgement(False, True, f"role {role_arn} does not exist")
    request = request_of(role_principal(role_arn), action, resource, context)
    documents = [*role.policies.values(), *map(_text, role.managed_policies.values())]
    judgement = judge_all(documents, request, with_principal=False)
    if not judgement.allowed:
        return Judgement(False, judgement.denied, f"role {role_arn}: {judgement.reason}")
    if role.permissions_boundary_arn:
        backend = iam_backends[role.account_id][PARTITION]
        boundary = judge(_text(backend.get_policy(role.permissions_boundary_arn)), request, with_principal=False)
        if not boundary.allowed:
            return Judgement(False, boundary.denied, f"permissions boundary of {role_arn}: {boundary.reason}")
    return judgement


def caller_allows(
    caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue] | None = None
) -> Judgement:
    """What a role session may do: what the role may, less what the session's own policies leave out.

    A session's policies are final: nothing that a resource's policy grants to the role gets around them.
    """
    assert caller.role_arn is not None
    own = role_allows(caller.role_arn, action, resource, context)
    if own.denied or not caller.session_policies:
        return own
    request = request_of(role_principal(caller.role_arn), action, resource, context)
    session = judge_all(caller.session_policies, request, with_principal=False)
    if session.allowed:
        return own
    return Judgement(False, True, f"session policy of {caller.arn}: {session.reason}")


def managed_policy(account: str, policy_arn: str) -> str | None:
    """The document of a managed policy, an account's or AWS's; None when there is none."""
    if policy_arn.startswith(AWS_POLICY):
        known = json.loads(aws_managed_policies_data).get(policy_arn.rpartition("/")[2])
        return json.dumps(known["Document"]) if known else None
    policy = iam_backends[account][PARTITION].managed_policies.get(policy_arn)
    return _text(policy) if policy else None


def access(
    principal: Principal,
    action: str,
    resource: str,
    policy: str | Mapping[str, Any] | None,
    context: Mapping[str, ContextValue] | None = None,
    *,
    policy_decides: bool = False,
) -> Judgement:
    """Whether a service, or a role with its own policies, may act on a resource that has a policy.

    Across accounts both must allow; within one account one is enough, unless `policy_decides` (keys of KMS).
    """
    request = request_of(principal, action, resource, context)
    by_resource = judge(policy, request)
    if principal.service or by_resource.denied:
        return by_resource
    by_role = role_allows(next(iter(principal.arns)), action, resource, context)
    if by_role.denied:
        return by_role
    if account_of(resource) == principal.account:
        # A statement that names the role itself is enough; one that names its account leaves it to the role's policies.
        named = judge(policy, replace(request, principal=replace(principal, account=None)))
        if named.allowed or (by_role.allowed and not policy_decides):
            return Judgement(True, False, "allowed")
    return by_role if not by_role.allowed else by_resource


def service_may_assume(role_arn: str, service: str, source_arn: str, source_account: str) -> Judgement:
    """Whether a role's trust policy lets an AWS service assume it for one of its resources."""
    role = find_role(role_arn)
    if role is None:
        return Judgement(False, True, f"role {role_arn} does not exist")
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_account}
    request = request_of(Principal(service=service), "sts:AssumeRole", role_arn, context)
    judgement = judge(role.assume_role_policy_document, request)
    return replace(judgement, reason=f"trust policy of {role_arn}: {judgement.reason}")


def _text(policy: ManagedPolicy) -> str:
    return next(version.document for version in policy.versions if version.is_default)
