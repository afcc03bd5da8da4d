"""Policies of all kinds together: may this principal do that, and if not, which of them is in the way?

As AWS decides (IAM user guide, "Policy evaluation logic"; Organizations user guide, "SCP evaluation"): whatever denies
explicitly decides. Then every SCP level of the caller's account has to allow, and the caller's own policies within the
boundary of its role and the policies of its session. Of a resource in the same account its policy may allow instead,
where it names the caller; a resource in another account has to allow besides. Roles and keys are never reached without
their own policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from infra.conditions import listed
from infra.permission import Request, Statement, Verdict, verdict

Document = Sequence[Statement]


class Decision(StrEnum):
    """Allowed, or what is in the way."""

    ALLOWED = "allowed"
    DENIED = "a statement denies it"
    SCP = "an SCP does not allow it"
    BOUNDARY = "the permissions boundary does not allow it"
    SESSION = "the session's policies do not allow it"
    IDENTITY = "the caller's policies do not allow it"
    RESOURCE = "the resource's policy does not allow it"


@dataclass(frozen=True)
class Principal:
    """Who asks: a session of a role, or a service of AWS, which has neither policies nor an account."""

    account: str | None = None
    role: str | None = None
    session: str = "session"
    service: str | None = None
    organization: str | None = None
    policies: Document = ()
    boundary: Document | None = None
    session_policies: Document | None = None
    scps: Sequence[Document] = ()
    """One for each level from the root down; none in a management account, or outside every Organization."""

    @property
    def arns(self) -> frozenset[str]:
        """By which a policy may name it."""
        if self.role is None:
            return frozenset()
        return frozenset({self.role, self.session_arn})

    @property
    def session_arn(self) -> str:
        """The ARN of the session."""
        name = (self.role or "").rpartition("/")[2]
        return f"arn:aws:sts::{self.account}:assumed-role/{name}/{self.session}"

    @property
    def keys(self) -> dict[str, str]:
        """The condition keys that tell of it."""
        if self.service:
            return {"aws:principalisawsservice": "true"}
        found = {
            "aws:principalaccount": self.account,
            "aws:principalarn": self.role,
            "aws:principalorgid": self.organization,
            # A role's unique id is none of its names.
            "aws:userid": f"AROAEXAMPLEEXAMPLEEXA:{self.session}",
            "aws:principalisawsservice": "false",
        }
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True)
class Resource:
    """What it is asked of: whose it is, and what its own policy says."""

    arn: str = "*"
    account: str | None = None
    """None for what belongs to the caller, such as all that is listed."""
    organization: str | None = None
    policy: Document | None = None
    policy_decides: bool = False
    """Roles and keys: nobody gets past their own policy."""

    @property
    def keys(self) -> dict[str, str]:
        """The condition keys that tell of it."""
        found = {"aws:resourceaccount": self.account, "aws:resourceorgid": self.organization}
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True)
class Question:
    """May this principal do that?"""

    who: Principal
    action: str
    on: Resource = field(default_factory=Resource)
    context: dict[str, str | list[str]] = field(default_factory=dict)


def decide(question: Question) -> Decision:
    """What AWS would answer."""
    who, on = question.who, question.on
    request = Request(
        question.action, on.arn, {**who.keys, **on.keys, **question.context}, who.service, who.account, who.arns
    )
    own = _own_documents(who)
    by_resource = verdict(on.policy or (), request)
    if Verdict.DENY in (by_resource, *(verdict(document, request) for document in (*who.scps, *own.values()))):
        return Decision.DENIED
    if who.service is not None:
        return Decision.ALLOWED if by_resource is Verdict.ALLOW else Decision.RESOURCE
    if not all(verdict(document, request) is Verdict.ALLOW for document in who.scps):
        return Decision.SCP
    if on.account in (None, who.account):
        return _within_account(question, request, own)
    if missing := _missing(own, request):
        return missing
    return Decision.ALLOWED if by_resource is Verdict.ALLOW else Decision.RESOURCE


def _own_documents(who: Principal) -> dict[Decision, Document]:
    """The caller's policies, by what is said when they don't allow."""
    documents = {
        Decision.IDENTITY: who.policies,
        Decision.BOUNDARY: who.boundary,
        Decision.SESSION: who.session_policies,
    }
    return {kind: document for kind, document in documents.items() if document is not None}


def _missing(documents: dict[Decision, Document], request: Request) -> Decision | None:
    return next((kind for kind, found in documents.items() if verdict(found, request) is not Verdict.ALLOW), None)


def _within_account(question: Question, request: Request, own: dict[Decision, Document]) -> Decision:
    """A resource's policy that names the caller is enough; one that names the account leaves it to the caller's policies."""
    policy = question.on.policy or ()
    # A statement that names the session itself isn't held back by the role's boundary or the session's policies.
    of_session = [statement for statement in policy if _names(statement, question.who.session_arn)]
    if verdict(of_session, request) is Verdict.ALLOW:
        return Decision.ALLOWED
    if verdict(policy, replace(request, account=None)) is Verdict.ALLOW:
        limits = {kind: found for kind, found in own.items() if kind is not Decision.IDENTITY}
        return _missing(limits, request) or Decision.ALLOWED
    if question.on.policy_decides and verdict(policy, request) is not Verdict.ALLOW:
        return Decision.RESOURCE
    return _missing(own, request) or Decision.ALLOWED


def _names(statement: Statement, arn: str) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, dict) and arn in listed(principal.get("AWS", []))
