"""Why a delivery that AWS makes on somebody's behalf did not arrive."""

from __future__ import annotations


class Undeliverable(Exception):
    """`code` is the ERROR_CODE that EventBridge gives a dead letter: NO_PERMISSIONS, NO_RESOURCE, THIRD_ACCOUNT_HOP_DETECTED."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def no_permissions(message: str) -> Undeliverable:
    """The policy of the target, of its key or of the role in between doesn't allow it."""
    return Undeliverable("NO_PERMISSIONS", message)


def no_resource(arn: str) -> Undeliverable:
    """There is nothing by that ARN."""
    return Undeliverable("NO_RESOURCE", f"{arn} does not exist")
