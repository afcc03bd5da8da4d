"""On whose behalf AWS delivers: a service for a source (a rule, a topic), or a role that the source names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.kms.models import kms_backends

from ..permissions import access, account_of, role_principal, service_may_assume
from ..policy_documents import Principal
from .undeliverable import no_permissions


@dataclass(frozen=True)
class Sender:
    """`service` acts for `source` (an ARN) of `source_account`; with `role_arn` it acts as that role instead.

    `assumes_for` is the ARN that the role's trust policy sees, where that isn't the source itself.
    """

    service: str
    source: str
    source_account: str
    role_arn: str | None = None
    assumes_for: str | None = None

    @property
    def principal(self) -> Principal:
        """The principal that policies see."""
        return role_principal(self.role_arn) if self.role_arn else Principal(service=self.service)

    @property
    def context(self) -> dict[str, str]:
        """The condition keys that policies see, apart from the principal's."""
        if self.role_arn:
            return {}
        return {"aws:SourceArn": self.source, "aws:SourceAccount": self.source_account}

    def demand(self, action: str, resource: str, policy: Any, context: dict[str, Any] | None = None) -> None:
        """Raise Undeliverable unless the resource's policy (and the role's) allow the action."""
        if self.role_arn:
            source = self.assumes_for or self.source
            assumable = service_may_assume(self.role_arn, self.service, source, self.source_account)
            if not assumable.allowed:
                raise no_permissions(f"{self.service} may not assume the role: {assumable.reason}")
        judgement = access(self.principal, action, resource, policy, self.context | (context or {}))
        if not judgement.allowed:
            raise no_permissions(f"{action} on {resource} for {self.source}: {judgement.reason}")

    def demand_key(self, key: str | None, managed_alias: str, resource: str) -> None:
        """Raise Undeliverable unless the key that encrypts `resource` may be used.

        A service principal can't be let into a key that AWS manages: the queue or topic needs a customer managed one.
        """
        if not key:
            return
        region = resource.split(":")[3]
        if key.rpartition(":")[2] == managed_alias:
            if self.role_arn is None:
                raise no_permissions(f"{resource} is encrypted with {managed_alias}, which {self.service} can't use")
            return
        account = account_of(key) if key.startswith("arn:") else account_of(resource)
        backend = kms_backends[account][region]
        found = backend.keys.get(backend.any_id_to_key_id(key))
        if found is None:
            raise no_permissions(f"the key {key} of {resource} does not exist")
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            judgement = access(self.principal, action, found.arn, found.policy, self.context, policy_decides=True)
            if not judgement.allowed:
                raise no_permissions(f"{action} on {found.arn} of {resource} for {self.source}: {judgement.reason}")
