"""Pages of Organizations' listings: in a fixed order, with a token that names the last thing shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ..api_call import AwsError


def page(items: list[Any], rank: Callable[[Any], str], size: int, token: str | None) -> tuple[list[Any], str | None]:
    """One page of `items`, and the token of the next; things that come and go meanwhile disturb no page."""
    after = _read_token(token)
    rest = [item for item in sorted(items, key=rank) if after is None or rank(item) > after]
    return rest[:size], token_after(rank(rest[size - 1])) if len(rest) > size else None


def token_after(last: str) -> str:
    """The token of the page that begins after `last`."""
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode()


def next_token(token: str | None) -> dict[str, Any]:
    """The member NextToken, which the last page doesn't have."""
    return {} if token is None else {"NextToken": token}


def _read_token(token: str | None) -> str | None:
    if token is None:
        return None
    try:
        word, _, after = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        word = ""
    if word != "after":
        raise AwsError("InvalidInputException", "You provided an invalid NextToken.")
    return after
