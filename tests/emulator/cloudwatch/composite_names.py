"""Alarms that are named by a name or by an ARN, which has to be of the same account and Region."""

from __future__ import annotations

PREFIX = "arn:aws:cloudwatch:"


def name_in_place(text: str, account: str, region: str) -> str | None:
    """The name of an alarm of this account and Region; None for an ARN of somewhere else."""
    if not text.startswith(PREFIX):
        return text
    place = f"{PREFIX}{region}:{account}:alarm:"
    return text.removeprefix(place) if text.startswith(place) else None
