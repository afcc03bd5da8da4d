"""Functions for tests: `bootstrap` as a small Python script that speaks the Runtime API, and what it takes to create one."""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

LAMBDA = "lambda.amazonaws.com"
EXECUTABLE = 0o755

RUNTIME = """\
#!{python} -S
import json, os, sys, time, urllib.error, urllib.request

API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
invoked = 0


def ask(path, *body):
    data = None
    if body:
        data = body[0] if isinstance(body[0], bytes) else json.dumps(body[0]).encode()
    return urllib.request.urlopen(urllib.request.Request(API + path, data=data))


class Reported(Exception):
    pass


{code}

while True:
    with ask("/invocation/next") as work:
        headers, event = work.headers, json.load(work)
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    invoked += 1
    try:
        answer = handle(event, headers)
    except Reported as error:
        ask("/invocation/" + request_id + "/error", {{"errorType": "Reported", "errorMessage": str(error)}}).read()
    else:
        ask("/invocation/" + request_id + "/response", answer).read()
"""


def package(code: str, name: str = "bootstrap", permissions: int = EXECUTABLE) -> bytes:
    """A deployment package whose `bootstrap` answers by `handle(event, headers)` of `code`."""
    return package_of(RUNTIME.format(python=sys.executable, code=code), name, permissions)


def package_of(script: str, name: str = "bootstrap", permissions: int = EXECUTABLE) -> bytes:
    """A deployment package with one script in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o100000 | permissions) << 16
        archive.writestr(entry, script)
    return content.getvalue()


def trust(service: str, **condition: Any) -> dict[str, Any]:
    """A trust policy for an AWS service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


def allow(*statements: tuple[str | list[str], str | list[str]]) -> dict[str, Any]:
    """An identity policy of (actions, resources) pairs."""
    allowed = [{"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in statements]
    return {"Version": "2012-10-17", "Statement": allowed}


def create_role(iam: Any, name: str, service: str, *statements: tuple[Any, Any]) -> str:
    """A role that a service may assume, with a policy; returns its ARN."""
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(service)))["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(allow(*statements)))
    return role["Arn"]


EXECUTION = (["logs:*", "sqs:*"], "*")


def create_function(client: Callable[..., Any], name: str, code: str | bytes, **settings: Any) -> str:
    """A function with a role that may log and consume queues; returns its ARN."""
    role = create_role(client("iam"), f"{name}-role", LAMBDA, EXECUTION)
    content = code if isinstance(code, bytes) else package(code)
    settings = {"Timeout": 10, "Runtime": "provided.al2023", "Handler": "bootstrap"} | settings
    created = client("lambda").create_function(FunctionName=name, Role=role, Code={"ZipFile": content}, **settings)
    return created["FunctionArn"]


def invoke(client: Callable[..., Any], name: str, event: Any = None, **settings: Any) -> dict[str, Any]:
    """Invoke and read the payload: `{"answer": …, "error": …, …}`."""
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}).encode(), **settings)
    payload = answer["Payload"].read()
    return answer | {"payload": json.loads(payload) if payload else None, "error": answer.get("FunctionError")}


def eventually(look: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Look until there is something."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > end:
            assert found, f"nothing within {seconds} s"
            return found
        time.sleep(0.05)


def log_lines(client: Callable[..., Any], group: str) -> list[str]:
    """All lines of a log group."""
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]
