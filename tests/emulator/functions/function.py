"""A function as an invocation sees it: moto's record of it at one moment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from ..permissions import account_of
from .configuration import extra_configuration


@dataclass(frozen=True)
class Function:
    """One version of a function with all that its environments depend on."""

    account: str
    region: str
    name: str
    version: str
    arn: str
    role: str
    handler: str
    timeout: int
    memory_mb: int
    code: bytes
    variables: dict[str, str]
    logging: dict[str, str]
    reserved_concurrency: int | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What concurrency is counted for: a function with all its versions."""
        return self.account, self.region, self.name

    @property
    def fingerprint(self) -> str:
        """Changes whenever an environment of the function must not be used any more."""
        configuration = [
            self.version,
            self.role,
            self.handler,
            self.timeout,
            self.memory_mb,
            self.variables,
            self.logging,
        ]
        text = json.dumps(configuration, sort_keys=True).encode()
        return hashlib.sha256(text + hashlib.sha256(self.code).digest()).hexdigest()

    @property
    def log_group(self) -> str:
        """The log group of its environments."""
        return self.logging.get("LogGroup") or f"/aws/lambda/{self.name}"

    @property
    def logs_as_json(self) -> bool:
        """Whether Lambda's own lines are JSON."""
        return self.logging.get("LogFormat") == "JSON"

    def environment(self) -> dict[str, str]:
        """The variables that Lambda defines ("Defined runtime environment variables"), without credentials."""
        variables = {
            "_HANDLER": self.handler,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_REGION": self.region,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
        }
        if self.logs_as_json:
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = self.logging.get("ApplicationLogLevel", "INFO")
        return variables


def find(function_arn: str) -> LambdaFunction:
    """moto's function of an ARN, with or without a qualifier; raises what Lambda answers when it isn't there."""
    region, name = function_arn.split(":")[3], function_arn.split(":function:")[1]
    name, _, qualifier = name.partition(":")
    return lambda_backends[account_of(function_arn)][region].get_function(name, qualifier or None)


def read(record: LambdaFunction) -> Function:
    """The function as it is now."""
    return Function(
        account=record.account_id,
        region=record.region,
        name=record.function_name,
        version=str(record.version),
        arn=record.function_arn,
        role=record.role,
        handler=record.handler or "bootstrap",
        timeout=int(record.timeout),
        memory_mb=int(record.memory_size),
        code=record.code_bytes,
        variables=dict(record.environment_vars),
        logging=extra_configuration(record).get("LoggingConfig") or {},
        reserved_concurrency=None if record.reserved_concurrency is None else int(record.reserved_concurrency),
    )


def policy_of(record: LambdaFunction) -> dict[str, Any]:
    """The resource policy of a function; moto leaves an account as principal without its kind."""
    statements = []
    for statement in record.policy.statements:
        principal = statement.get("Principal")
        if isinstance(principal, str) and principal != "*":
            statement = statement | {"Principal": {"AWS": principal}}
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}
