"""Values of records: what Route 53 refuses in them, by record type, in its words.

Route 53 guide, "Supported DNS record types". Types that aren't listed in CHECKS are taken as they come.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from . import names

QUOTED_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\([0-7]{3}|.)")
LONGEST_STRING = 255
SINGLE_VALUED = ("CNAME", "SOA")


class InvalidValue(ValueError):
    """A value that its type doesn't allow."""


def check(kind: str, values: tuple[str, ...]) -> list[str]:
    """What is wrong with the values of a record set."""
    problems = []
    for value in values:
        try:
            CHECKS.get(kind, _no_check)(value)
        except (InvalidValue, names.InvalidName) as error:
            problems.append(f"Invalid Resource Record: 'FATAL problem: {error}'")
    if kind in SINGLE_VALUED and len(values) > 1:
        problems.append(f"{kind} resource record sets may only contain one resource record.")
    repeated = sorted({value for value in values if values.count(value) > 1})
    return problems + [f"Duplicate Resource Record: '{value}'" for value in repeated]


def strings_of(value: str) -> str:
    """What a TXT value says: its strings put together, without quotes and codes."""
    text = "".join(match[1] for match in QUOTED.finditer(value))
    return ESCAPED.sub(lambda code: chr(int(code[1], 8)) if len(code[1]) == 3 else code[1], text)


def _no_check(_: str) -> None:
    pass


def _check_address(value: str) -> None:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        raise InvalidValue(
            f"ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '{value}'"
        ) from None


def _check_long_address(value: str) -> None:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        raise InvalidValue(
            f"AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '{value}'"
        ) from None


def _check_text(value: str) -> None:
    if not QUOTED_STRINGS.fullmatch(value):
        raise InvalidValue(
            f"InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '{value}'"
        )
    for match in QUOTED.finditer(value):
        if len(ESCAPED.sub("x", match[1])) > LONGEST_STRING:
            raise InvalidValue(
                "CharacterStringTooLong (Value is too long, a single string can be up to 255 characters) "
                f"encountered with '{value}'"
            )


def _check_name(value: str) -> None:
    names.normalize(value)


def _check_mail(value: str) -> None:
    priority, _, name = value.partition(" ")
    if not priority.isdigit() or int(priority) > 65_535:
        raise InvalidValue(f"MXRRDATANotTwoFields (MX record doesn't have 2 fields) encountered with '{value}'")
    names.normalize(name.strip())


def _check_server(value: str) -> None:
    fields = value.split()
    if len(fields) != 4 or not all(part.isdigit() for part in fields[:3]):
        raise InvalidValue(f"SRVRRDATANotFourFields (SRV record doesn't have 4 fields) encountered with '{value}'")
    names.normalize(fields[3])


CHECKS: dict[str, Callable[[str], None]] = {
    "A": _check_address,
    "AAAA": _check_long_address,
    "CNAME": _check_name,
    "MX": _check_mail,
    "NS": _check_name,
    "PTR": _check_name,
    "SPF": _check_text,
    "SRV": _check_server,
    "TXT": _check_text,
}
