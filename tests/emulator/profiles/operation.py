"""What all operations of Profiles have in common: settled state, whose Profile it is, errors, pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..api_call import ApiCall, AwsError
from .registry import Profile, Profiles
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks

NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9\-_' ']+)")
LONGEST_NAME = 64
LARGEST_PAGE = 100
Item = TypeVar("Item")


class Operations:
    """Registers operations of Profiles, each run on settled state (the server runs them one at a time)."""

    def __init__(self, hooks: Hooks, profiles: Profiles) -> None:
        self._hooks = hooks
        self._profiles = profiles

    def add(self, name: str, function: Callable[[Profiles, ApiCall], Any]) -> None:
        """Answer Profiles' operation `name` by `function(profiles, call)`."""

        def answer(call: ApiCall) -> Any:
            self._profiles.settle()
            self._profiles.zones.settle()
            return function(self._profiles, call)

        self._hooks.operation("route53profiles", name, answer)


def invalid_parameter(message: str) -> AwsError:
    """The error code for values that can't be."""
    return AwsError("InvalidParameterException", message)


def not_found(what: str, identifier: str) -> AwsError:
    """The error code for what isn't there, or isn't the caller's to see."""
    return AwsError("ResourceNotFoundException", f"{what} with id '{identifier}' does not exist.")


def find_profile(profiles: Profiles, call: ApiCall, profile_id: str) -> Profile:
    """A Profile that the caller owns or may use."""
    profile = profiles.profiles.get(profile_id)
    if profile is None or profile.region != call.region or not may_use(profile, call.account):
        raise not_found("Profile", profile_id)
    return profile


def own_profile(profiles: Profiles, call: ApiCall, profile_id: str) -> Profile:
    """A Profile of the caller; what is only shared with the caller is for its owner to change."""
    profile = find_profile(profiles, call, profile_id)
    if profile.account != call.account:
        message = (
            f"User: {call.caller.arn} is not authorized to perform: route53profiles:{call.operation} on {profile.arn}"
        )
        raise AwsError("AccessDeniedException", message)
    return profile


def checked_name(name: str) -> str:
    """A name that the API takes."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise AwsError("ValidationException", f"The name '{name}' has to match {NAME.pattern}.")
    return name


def page(call: ApiCall, items: list[Item], rank: Callable[[Item], str]) -> tuple[list[Item], dict[str, str]]:
    """One page of `items`, and the member NextToken, which the last page doesn't have."""
    size = call.parameter("MaxResults", LARGEST_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise AwsError("ValidationException", f"MaxResults must be from 1 to {LARGEST_PAGE}, not {size}.")
    after = _read_token(call.parameter("NextToken"))
    rest = [item for item in sorted(items, key=rank) if after is None or rank(item) > after]
    if len(rest) <= size:
        return rest, {}
    token = base64.urlsafe_b64encode(f"after:{rank(rest[size - 1])}".encode()).decode()
    return rest[:size], {"NextToken": token}


def _read_token(token: str | None) -> str | None:
    if not token:
        return None
    try:
        word, _, after = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        word, after = "", ""
    if word != "after":
        raise AwsError("InvalidNextTokenException", "The NextToken you provided isn't valid.")
    return after
