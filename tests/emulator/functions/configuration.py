"""What Lambda checks when a function is created or changed, and the settings that moto forgets.

AWS Lambda Developer Guide: "Lambda runtimes" (deprecation), "Using Lambda environment variables" (reserved ones, 4 KB),
"Defining Lambda function permissions with an execution role".
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.s3.models import s3_backends

from ..api_call import AwsError
from ..permissions import PARTITION, service_may_assume
from .package import is_package

if TYPE_CHECKING:
    from ..hooks import Hooks

SERVICE = "lambda.amazonaws.com"
# Runtime -> the day from which functions can't be created with it.
BLOCKED_RUNTIMES = {"provided": date(2024, 2, 8), "provided.al2": date(2026, 8, 31), "go1.x": date(2024, 2, 8)}
LARGEST_ENVIRONMENT = 4096
RESERVED_VARIABLES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}
# Settings that moto's function neither keeps nor shows, and those that it keeps but doesn't update.
KEPT = ("LoggingConfig", "DeadLetterConfig")
UPDATED = {"TracingConfig": "tracing_config", "KMSKeyArn": "kms_key_arn"}


def install(hooks: Hooks) -> None:
    """Check and keep what moto doesn't."""
    hooks.wrap(LambdaBackend, "create_function", _create_function)
    hooks.wrap(LambdaBackend, "update_function_code", _update_function_code)
    hooks.wrap(LambdaFunction, "update_configuration", _update_configuration)
    hooks.wrap(LambdaFunction, "get_configuration", _get_configuration)
    hooks.wrap(LambdaBackend, "put_function_event_invoke_config", _put_event_invoke_config)


def extra_configuration(record: LambdaFunction) -> dict[str, Any]:
    """The settings that moto's record has no place for."""
    return vars(record).setdefault("emulator_configuration", {})


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, 400)


def _create_function(original: Any, backend: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
    _check_runtime(spec.get("Runtime"))
    _check_package(backend.account_id, spec.get("Code") or {}, spec.get("PackageType", "Zip"))
    _check(backend, spec, spec["FunctionName"])
    record = original(backend, spec)
    extra_configuration(record).update({name: spec[name] for name in KEPT if spec.get(name)})
    return record


def _update_function_code(
    original: Any, backend: LambdaBackend, function_name: str, qualifier: str, body: dict[str, Any]
) -> Any:
    record = backend.get_function(function_name, qualifier)
    _check_package(backend.account_id, body, record.package_type)
    if body.get("DryRun"):
        return record.get_configuration()
    if body.get("Architectures"):
        record.architectures = body["Architectures"]
    return original(backend, function_name, qualifier, body)


def _update_configuration(original: Any, record: LambdaFunction, changes: dict[str, Any]) -> Any:
    _check_runtime(changes.get("Runtime"))
    _check(lambda_backends[record.account_id][record.region], changes, record.function_name)
    if "Environment" in changes and "Variables" not in changes["Environment"]:
        changes = changes | {"Environment": {"Variables": {}}}
    for name in KEPT:
        if name in changes:
            extra_configuration(record)[name] = changes[name]
    for name, attribute in UPDATED.items():
        if name in changes:
            setattr(record, attribute, changes[name])
    if changes.get("EphemeralStorage"):
        record.ephemeral_storage = changes["EphemeralStorage"]["Size"]
    record.last_modified = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    return original(record, changes)


def _get_configuration(original: Any, record: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
    configuration = original(record, on_create)
    extra = extra_configuration(record)
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{record.function_name}"}
    if (extra.get("LoggingConfig") or {}).get("LogFormat") == "JSON":
        logging |= {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    configuration["LoggingConfig"] = logging | (extra.get("LoggingConfig") or {})
    if (extra.get("DeadLetterConfig") or {}).get("TargetArn"):
        configuration["DeadLetterConfig"] = extra["DeadLetterConfig"]
    return configuration


def _check_runtime(runtime: str | None) -> None:
    blocked = BLOCKED_RUNTIMES.get(runtime or "")
    if blocked is not None and datetime.now(UTC).date() >= blocked:
        raise _invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions."
        )


def _check(backend: LambdaBackend, spec: dict[str, Any], name: str) -> None:
    variables = (spec.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(RESERVED_VARIABLES & set(variables))
    if reserved:
        raise _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(reserved)}"
        )
    if len(json.dumps(variables)) > LARGEST_ENVIRONMENT:
        raise _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {json.dumps(variables)}"
        )
    role = spec.get("Role")
    if role and role.split(":")[4] == backend.account_id:
        arn = f"arn:{PARTITION}:lambda:{backend.region_name}:{backend.account_id}:function:{name}"
        if not service_may_assume(role, SERVICE, arn, backend.account_id).allowed:
            raise _invalid("The role defined for the function cannot be assumed by Lambda.")


def _check_package(account: str, code: dict[str, Any], kind: str) -> None:
    if kind != "Zip":
        raise AwsError("NotImplemented", "the emulator runs deployment packages, not container images", 501)
    if "S3Bucket" not in code:
        return  # moto decodes and measures ZipFile
    backend = s3_backends[account][PARTITION]
    reading = "Error occurred while GetObject."
    if code["S3Bucket"] not in backend.buckets:
        raise _invalid(f"{reading} S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist")
    key = backend.get_object(code["S3Bucket"], code["S3Key"], version_id=code.get("S3ObjectVersion"))
    if key is None:
        raise _invalid(f"{reading} S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.")
    if not is_package(key.value):
        raise _invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")


def _put_event_invoke_config(
    original: Any, backend: LambdaBackend, function_name: str, config: dict[str, Any]
) -> dict[str, Any]:
    # moto appends each new configuration and shows the first.
    backend.get_function(function_name).event_invoke_config.clear()
    return original(backend, function_name, config)
