"""Talking to a running emulator: boto3 clients that act as an account, and the control API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-west-1"
HUB = "222222222222"


class ControlRefused(Exception):
    """The control API refused a request."""


def client(
    url: str,
    service: str,
    account: str = HUB,
    region: str = REGION,
    credentials: dict[str, str] | None = None,
    attempts: int = 1,
) -> Any:
    """A boto3 client that acts as `account`, or with the credentials that AssumeRole gave out."""
    keys = credentials or {"AccessKeyId": account, "SecretAccessKey": "any", "SessionToken": None}
    values = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return _client(url, service, region, values, attempts)


# To make one takes longer than most calls do, and threads may share it.
@lru_cache(maxsize=1024)
def _client(url: str, service: str, region: str, keys: tuple[Any, Any, Any], attempts: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2],
        config=Config(retries={"total_max_attempts": attempts}, inject_host_prefix=False),
    )


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    """Ask the control API; `path` is without `/_emulator/`."""
    request = urllib.request.Request(
        f"{url}/_emulator/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise ControlRefused(f"{method} {path}: {error.code} {error.read().decode()}") from error
