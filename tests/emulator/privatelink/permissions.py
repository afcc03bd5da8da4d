"""Who may connect to an endpoint service: its allowed principals.

An account may be given as `arn:aws:iam::<account>:root`; replies show it so, or as the bare account id: AWS has been
seen to do both, so the setting `principal_form` chooses. Taking a principal away leaves its connections up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError, Caller
from .operation import Operations, filtered, owned_service, page, refuse_dry_run
from .registry import FOR_ENDPOINTS, Permission, Registry, Service, new_id, tags_of

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

ACCOUNT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
IDENTITY = re.compile(r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@-]+")  # no path: PrivateLink doesn't support them
AWS_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
PURPOSES = (FOR_ENDPOINTS, "transit-gateway-attachment")
FILTERS = {"permission-type", "principal", "principal-type"}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations on allowed principals."""
    app.settings.define(
        "principal_form",
        "arn",
        lambda value: value in ("arn", "account-id"),
        "how DescribeVpcEndpointServicePermissions shows an account: `arn` or `account-id`",
    )
    operations = Operations(hooks, registry)
    operations.add("ModifyVpcEndpointServicePermissions", modify)
    operations.add("DescribeVpcEndpointServicePermissions", describe_all)


def normalised(principal: str) -> tuple[str, str]:
    """The one form under which a principal is kept, and its kind."""
    account = ACCOUNT.fullmatch(principal)
    if account:
        return f"arn:aws:iam::{account[1]}:root", "Account"
    if principal == "*":
        return principal, "All"
    identity = IDENTITY.fullmatch(principal)
    if identity:
        return principal, identity[1].capitalize()
    if AWS_SERVICE.fullmatch(principal):
        return principal, "Service"
    raise AwsError("InvalidPrincipal", f"Invalid Principal: '{principal}'")


def allows(service: Service, caller: Caller) -> bool:
    """Whether the caller may see the service and ask for a connection: its owner always may."""
    return service.account == caller.account or service.permits("*") or is_named(service, caller)


def is_named(service: Service, caller: Caller) -> bool:
    """Whether a permission names the caller (and not just everybody)."""
    names = {f"arn:aws:iam::{caller.account}:root", *caller.policy_arns}
    return any(service.permits(name) for name in names)


def modify(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ModifyVpcEndpointServicePermissions; adding a principal that is there already is no error."""
    service = owned_service(registry, call, call.parameter("ServiceId"))
    purpose = call.parameter("PermissionType", FOR_ENDPOINTS)
    if purpose not in PURPOSES:
        raise AwsError("InvalidParameterValue", f"Value ({purpose}) for parameter PermissionType is invalid.")
    adding = [normalised(principal) for principal in call.parameter("AddAllowedPrincipals", [])]
    removing = [normalised(principal) for principal in call.parameter("RemoveAllowedPrincipals", [])]
    refuse_dry_run(call)
    added = []
    for principal, kind in adding:
        if (purpose, principal) not in service.permissions:
            permission = Permission(new_id("vpce-svc-perm"), principal, kind, purpose, registry.next_number())
            service.permissions[purpose, principal] = permission
            added.append(_describe(registry, service, permission))
    for principal, _ in removing:
        gone = service.permissions.pop((purpose, principal), None)
        if gone is not None:
            ec2_backends[service.account][service.region].tags.pop(gone.id, None)
    return {"AddedPrincipals": added, "ReturnValue": True}


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpointServicePermissions."""
    service = owned_service(registry, call, call.parameter("ServiceId"))
    refuse_dry_run(call)
    matching = filtered(call, service.permissions.values(), _filter_values, FILTERS)
    shown, token = page(registry, call, matching, lambda permission: permission.number, smallest=5)
    return {
        "AllowedPrincipals": [
            {
                **_describe(registry, service, permission),
                "Tags": tags_of(service.account, service.region, permission.id),
            }
            for permission in shown
        ],
        "NextToken": token,
    }


def _filter_values(permission: Permission) -> dict[str, Any]:
    forms = [permission.principal]
    if permission.kind == "Account":
        forms.append(permission.principal.split(":")[4])
    return {"permission-type": permission.purpose, "principal": forms, "principal-type": permission.kind}


def _describe(registry: Registry, service: Service, permission: Permission) -> dict[str, Any]:
    principal = permission.principal
    if permission.kind == "Account" and registry.settings["principal_form"] == "account-id":
        principal = principal.split(":")[4]
    return {
        "PrincipalType": permission.kind,
        "Principal": principal,
        "ServicePermissionId": permission.id,
        "ServiceId": service.id,
        "PermissionType": permission.purpose,
    }
