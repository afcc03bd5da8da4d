"""Validators of a profile: JSON Schema, or a function that AppConfig invokes.

AppConfig User Guide, "Understanding validators".
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft4Validator, SchemaError
from jsonschema.validators import validator_for
from moto.awslambda.exceptions import UnknownFunctionException

from ..delivery.sender import Sender
from ..delivery.undeliverable import Undeliverable
from ..functions import function as functions_of_moto
from ..functions.invocation import TooManyRequests
from ..permissions import account_of
from .registry import Profile, bad_request

if TYPE_CHECKING:
    from ..server import Emulator

SERVICE = "appconfig.amazonaws.com"


def validate(app: Emulator, profile: Profile, version: dict[str, Any]) -> None:
    """Run all validators of the profile; the first that refuses ends with a BadRequestException."""
    for validator in profile.shown.get("Validators") or []:
        if validator["Type"] == "JSON_SCHEMA":
            _by_schema(validator["Content"], version["Content"])
        else:
            _by_function(app, validator["Content"], profile, version)


def _by_schema(schema_text: str, content: bytes) -> None:
    try:
        schema, configuration = json.loads(schema_text), json.loads(content)
    except ValueError as error:
        raise bad_request(
            f"Error validating configuration: neither schema nor content may be anything but JSON ({error})"
        ) from error
    kind = validator_for(schema, default=Draft4Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise bad_request(f"Error validating configuration: invalid schema: {error.message}") from error
    errors = [f"{error.json_path}: {error.message}" for error in kind(schema).iter_errors(configuration)]
    if errors:
        raise bad_request(f"Error validating configuration: {'; '.join(sorted(errors))}")


def _by_function(app: Emulator, function_arn: str, profile: Profile, version: dict[str, Any]) -> None:
    """Invoke the function with the configuration; an error of the function is a refusal."""
    event = {
        "applicationId": profile.shown["ApplicationId"],
        "configurationProfileId": profile.shown["Id"],
        "configurationVersion": str(version["VersionNumber"]),
        "content": base64.b64encode(version["Content"]).decode(),
        "uri": profile.shown["LocationUri"],
    }
    sender = Sender(SERVICE, profile.arn, account_of(profile.arn))
    try:
        record = functions_of_moto.find(function_arn)
        sender.demand("lambda:InvokeFunction", function_arn, functions_of_moto.policy_of(record))
        result = app.functions.invoke(record, json.dumps(event).encode())
    except (UnknownFunctionException, Undeliverable, TooManyRequests) as error:
        raise bad_request(f"Error invoking validator {function_arn}: {error}") from error
    if result.failed:
        text = result.payload.decode(errors="replace")
        raise bad_request(f"Error validating configuration: validator {function_arn} answered {text}")
