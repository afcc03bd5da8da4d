"""Pages of listings: a token says what came last."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ..api_call import AwsError


def page(
    items: list[Any], key: Callable[[Any], str], size: int, token: str | None, refusal: AwsError
) -> tuple[list[Any], str | None]:
    """The items after the token's, and the next token if there are more; the items are sorted by their key."""
    after = _read(token, refusal)
    rest = [item for item in items if key(item) > after]
    if len(rest) <= size:
        return rest, None
    return rest[:size], base64.urlsafe_b64encode(f"after:{key(rest[size - 1])}".encode()).decode()


def _read(token: str | None, refusal: AwsError) -> str:
    if not token:
        return ""
    try:
        word, _, after = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        raise refusal from None
    if word != "after":
        raise refusal
    return after
