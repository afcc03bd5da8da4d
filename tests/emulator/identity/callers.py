"""From access key to principal.

Three kinds of access keys are known: a 12-digit account id (the account's root: the easy way for the aws CLI), the
keys of IAM users made by CreateAccessKey, and those that AssumeRole gave out. AWS refuses any other key, and so do we;
moto would put its bearer into account 123456789012.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from ..api_call import ApiCall, AwsError, Caller

ACCOUNT_ID = re.compile(r"\d{12}")
PARTITION = "aws"


class Callers:
    """The principals known by their access keys."""

    def __init__(self) -> None:
        self._sessions: dict[str, Caller] = {}

    def reset(self) -> None:
        """Forget all sessions."""
        self._sessions.clear()

    def find(self, access_key: str) -> Caller:
        """The principal that signs with `access_key`; its kind is `Unknown` when nobody does."""
        if ACCOUNT_ID.fullmatch(access_key):
            return account_root(access_key)
        session = self._sessions.get(access_key)
        return session or _user(access_key) or Caller("Unknown", "", access_key, "", access_key)

    def add_session(self, session: Any, source_identity: str | None = None, policies: tuple[str, ...] = ()) -> Caller:
        """Remember the role session (a moto `AssumedRole`) that AssumeRole gave out, with its own policies."""
        role_id, _, _ = session.user_id.partition(":")
        caller = Caller(
            kind="AssumedRole",
            account=session.account_id,
            access_key=session.access_key_id,
            arn=session.arn,
            principal_id=session.user_id,
            role_name=session.role_arn.rsplit("/", 1)[-1],
            role_arn=session.role_arn,
            role_id=role_id,
            session_started=datetime.now(UTC),
            source_identity=source_identity,
            session_policies=policies,
        )
        self._sessions[session.access_key_id] = caller
        return caller

    @staticmethod
    def refusal(call: ApiCall) -> AwsError:
        """What AWS answers to an access key that doesn't exist; EC2 has a code of its own for it."""
        if call.service == "ec2":
            return AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
        json_services = call.environ.get("HTTP_X_AMZ_TARGET")
        code = "UnrecognizedClientException" if json_services else "InvalidClientTokenId"
        return AwsError(code, "The security token included in the request is invalid.", 403)


def account_root(account: str) -> Caller:
    """The root user of an account."""
    return Caller("Root", account, account, f"arn:{PARTITION}:iam::{account}:root", account)


def _user(access_key: str) -> Caller | None:
    for account, backends in list(iam_backends.items()):
        user = backends[PARTITION].get_user_from_access_key_id(access_key)
        if user is not None:
            return Caller("IAMUser", account, access_key, user.arn, user.id, user_name=user.name)
    return None


def caller_keys(caller: Caller) -> dict[str, str]:
    """The global condition keys that tell of the caller and its way here, other than those of its account."""
    keys = {"aws:userid": caller.principal_id, "aws:SecureTransport": "true"}
    if caller.source_identity:
        keys["aws:SourceIdentity"] = caller.source_identity
    kind = {"Root": "Account", "IAMUser": "User", "AssumedRole": "AssumedRole"}.get(caller.kind)
    return keys | ({"aws:PrincipalType": kind} if kind else {})
