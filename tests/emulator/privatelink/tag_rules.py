"""What EC2 allows in tags.

EC2 User Guide, "Tag restrictions": keys of 128 and values of 256 characters; `aws:` is AWS's in any case. Which code AWS
has for a key that comes twice isn't documented.
"""

from __future__ import annotations

from ..api_call import AwsError

MOST_TAGS = 50  # of one's own, on a resource
LONGEST_KEY = 128
LONGEST_VALUE = 256
RESERVED = "aws:"


def checked(tags: list[dict[str, str]]) -> dict[str, str]:
    """The tags of a request by their keys, if they are such as EC2 takes; a missing value is the empty one."""
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key") or "", tag.get("Value") or ""
        if not key:
            raise invalid_value("Tag key cannot be empty.")
        if key.lower().startswith(RESERVED):
            raise invalid_value(f"Tag keys starting with '{RESERVED}' are reserved for internal use")
        if len(key) > LONGEST_KEY:
            raise invalid_value(f"Tag key exceeds the maximum length of {LONGEST_KEY} characters")
        if len(value) > LONGEST_VALUE:
            raise invalid_value(f"Tag value exceeds the maximum length of {LONGEST_VALUE} characters")
        if key in found:
            raise invalid_value(f"Duplicate tag key '{key}' specified.")
        found[key] = value
    return found


def invalid_value(message: str) -> AwsError:
    """The code for a value that EC2 doesn't take."""
    return AwsError("InvalidParameterValue", message)
