"""Whether a role's session may make a call: by the role's policies, its boundary, and the session's own policies.

IAM User Guide, "Policy evaluation logic". Root and IAM users may do everything here; so may role sessions where the call
isn't judged. Judged are the calls of `demands.DEMANDS`, those that other extensions say the demands of
(`app.authorization.demand`), and AssumeRole, together with the role's trust (`sessions`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from ..api_call import ApiCall, AwsError
from ..permissions import account_of, caller_allows, organization_of, request_of
from ..policy_documents import Judgement, Principal, judge
from . import service_control
from .callers import caller_keys
from .demand import Demand, Demands
from .demands import DEMANDS

if TYPE_CHECKING:
    from ..server import Emulator, Proceed


class Authorization:
    """The check of every call of a role's session."""

    def __init__(self, app: Emulator) -> None:
        self._settings = app.settings
        self._demands: dict[tuple[str, str], Demands] = dict(DEMANDS)
        app.settings.define(
            "role_permissions",
            True,
            lambda value: isinstance(value, bool),
            "whether role sessions need the permission in their own policies for the calls that are judged",
        )
        app.around(self.check)

    def demand(self, service: str, operation: str, demands: Demands) -> None:
        """Judge an operation, too; `demands(call)` says what it needs."""
        if (service, operation) in self._demands:
            raise ValueError(f"two extensions say what {service}:{operation} demands")
        self._demands[service, operation] = demands

    def check(self, call: ApiCall, proceed: Proceed) -> Response:
        """Refuse what the session may not do; the refusal names action and resource, as AWS's do."""
        of = self._demands.get((call.service, call.operation))
        demands = [*of(call)] if of is not None else None
        refusal = service_control.refusal(call, demands)
        if refusal is None and demands is not None:
            refusal = self.refusal(call, demands)
        return call.write(refusal, refusal.status) if refusal is not None else proceed(call)

    def refusal(self, call: ApiCall, demands: Iterable[Demand]) -> AwsError | None:
        """Why the caller may not do all that is demanded; None when it may."""
        if call.caller.role_arn is None or not self._settings["role_permissions"]:
            return None
        for demand in demands:
            judgement = _judge(call, demand)
            if not judgement.allowed:
                return _refusal(call, demand, judgement)
        return None


def _judge(call: ApiCall, demand: Demand) -> Judgement:
    context = demand.context | caller_keys(call.caller) | {"aws:RequestedRegion": call.region}
    owner = account_of(demand.resource) if demand.resource.startswith("arn:") else ""
    if owner:
        context["aws:ResourceAccount"] = owner
        organization = organization_of(owner)
        if organization:
            context["aws:ResourceOrgID"] = organization[0]
    own = caller_allows(call.caller, demand.action, demand.resource, context)
    if own.allowed or own.denied or demand.policy is None or owner != call.account:
        return own
    # Within an account, a resource's policy that names the role itself (not just its account) is enough.
    by_name = Principal(arns=call.caller.policy_arns)
    named = judge(demand.policy, request_of(by_name, demand.action, demand.resource, context))
    return named if named.allowed else own


def _refusal(call: ApiCall, demand: Demand, judgement: Judgement) -> AwsError:
    # By these words AWS tells one denial from another: IAM User Guide, "Troubleshoot access denied error messages".
    implicit = f"because no identity-based policy allows the {demand.action} action"
    why = "with an explicit deny in an identity-based policy" if judgement.denied else implicit
    what = f"is not authorized to perform: {demand.action} on resource: {demand.resource} {why}"
    who = f"User: {call.caller.arn} {what}"
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {who} ({judgement.reason})"
        return AwsError("UnauthorizedOperation", message, 403)
    if call.service in ("cloudwatch", "route53", "elbv2"):
        return AwsError("AccessDenied", f"{who} ({judgement.reason})", 403)
    status = 403 if call.service == "appconfigdata" else 400
    return AwsError("AccessDeniedException", f"{who} ({judgement.reason})", status)
