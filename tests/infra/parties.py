"""Who asks, in questions to the policies of the templates: roles of the stacks, administrators of accounts, services of AWS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from infra.authorization import Document, Principal, Question
from infra.delivery import permissions
from infra.rendering import (
    EVERYTHING,
    MANAGEMENT_ACCOUNT,
    ORGANIZATION,
    ORGANIZATIONS_REGION,
    PROVIDER_ACCOUNT,
    Rendering,
)
from infra.template import Template, read

EVERY_ACTION: Document = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


@dataclass(frozen=True)
class Stacks:
    """The three templates, each where it belongs; the members' in a provider's account and in a consumer's."""

    hub: Template
    member: Template
    management: Template

    def of_hub(self, **parameters: str) -> Rendering:
        """The hub, with everything let that isn't said here."""
        return Rendering(self.hub, EVERYTHING["hub.yaml"] | {"MakeObservabilitySink": "yes"} | parameters)

    def of_member(self, account: str = PROVIDER_ACCOUNT, **parameters: str) -> Rendering:
        """A member likewise."""
        return Rendering(self.member, EVERYTHING["member.yaml"] | parameters, account=account)

    def of_management(self) -> Rendering:
        """The management account."""
        parameters = EVERYTHING["management.yaml"]
        return Rendering(self.management, parameters, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)


AS_THEY_ARE = Stacks(read("hub.yaml"), read("member.yaml"), read("management.yaml"))


def role(stack: Rendering, logical_id: str, session: str = "session", organization: str = ORGANIZATION) -> Principal:
    """A session of a role of a stack."""
    policies = permissions(stack, logical_id)
    return Principal(stack.account, stack.arn(logical_id), session, organization=organization, policies=policies)


def administrator(account: str, name: str = "admin", organization: str = ORGANIZATION) -> Principal:
    """A role of somebody else, whose own policies let it do everything."""
    return Principal(account, f"arn:aws:iam::{account}:role/{name}", organization=organization, policies=EVERY_ACTION)


def service(name: str) -> Principal:
    """A service of AWS."""
    return Principal(service=f"{name}.amazonaws.com")


def but(question: Question, context: dict[str, Any] | None = None, **changes: Any) -> Question:
    """The question with something otherwise; a key of the context that becomes None is taken away."""
    keys = {**question.context, **(context or {})}
    return replace(question, context={key: value for key, value in keys.items() if value is not None}, **changes)
