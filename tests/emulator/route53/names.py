"""Domain names as Route 53 keeps them.

Route 53 guide, "DNS domain name format": lower case, a dot at the end, and every character but letters, digits, hyphen
and underscore as an octal code, so that a wildcard is `\\052`. What isn't printable, or a space, can only be written as a
code (`\\000` to `\\040`, `\\177` to `\\377`). A label has 63 characters at the most, a name 255.
"""

from __future__ import annotations

import re
import string

WILDCARD = "\\052"
PLAIN = frozenset(string.ascii_lowercase + string.digits + "-_")
SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
CODE = re.compile(r"\\([0-3][0-7]{2})")
LONGEST_LABEL = 63
LONGEST_NAME = 255


class InvalidName(ValueError):
    """A text that is no domain name; the message says what is wrong, in Route 53's words."""


def normalize(name: str) -> str:
    """A name as Route 53 answers it."""
    labels = [_characters(label) for label in name.removesuffix(".").split(".")]
    for label in labels:
        if not label:
            raise InvalidName(f"DomainLabelEmpty (Domain label is empty) encountered with '{name}'")
        if len(label) > LONGEST_LABEL:
            raise InvalidName(f"DomainLabelTooLong (Domain label is too long) encountered with '{name}'")
    if sum(len(label) + 1 for label in labels) > LONGEST_NAME:
        raise InvalidName(f"DomainNameTooLong (Domain name is too long) encountered with '{name}'")
    return ".".join("".join(map(_written, label)) for label in labels) + "."


def _characters(label: str) -> str:
    """A label with its codes decoded; letters become small, those beyond ASCII don't."""
    plain = CODE.sub("", label)
    if "\\" in plain or any(not "!" <= character <= "~" for character in plain):
        raise InvalidName(f"UnsupportedCharacter (Value contains unsupported characters) encountered with '{label}'")
    text = CODE.sub(lambda code: chr(int(code[1], 8)), label)
    return text.translate(SMALL)


def _written(character: str) -> str:
    return character if character in PLAIN else f"\\{ord(character):03o}"


def rank(name: str) -> str:
    """What listings sort by: the labels from right to left, and a dot at the end (`com.example.www.`)."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."


def lies_in(name: str, domain: str) -> bool:
    """Whether a name is the domain's own or one below it."""
    return name == domain or name.endswith(f".{domain}")


def parents(name: str) -> list[str]:
    """The name and the domains above it, the longest first."""
    labels = name.removesuffix(".").split(".")
    return [".".join(labels[start:]) + "." for start in range(len(labels))]
