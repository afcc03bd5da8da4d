"""CloudTrail records of API calls (CloudTrail User Guide, "CloudTrail record contents")."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from botocore.parsers import create_parser
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from .. import wire
from ..api_call import ApiCall
from .older_calls import OLDER, older_request, older_response
from .service_events import american_time
from .user_identity import user_identity
from .wrapped import wrapped_request, wrapped_response

EVENT_VERSION = "1.11"
LARGEST_ELEMENT = 100_000  # characters of requestParameters or responseElements; longer ones are left out
READS = ("Describe", "Get", "List", "Discover", "Search", "Lookup")
# What AWS's samples of single operations have besides.
ADDITIONAL = {"ChangeResourceRecordSets": {"Note": "Do not use to reconstruct hosted zone"}}
HIDDEN = {"organizations": {"email", "accountName"}}  # values AWS replaces in CreateAccount


@dataclass(frozen=True)
class Recorded:
    """How a service's calls are recorded: `only` limits it to operations whose form is known."""

    host: str
    region: str | None = None
    api_version: str | None = None
    only: frozenset[str] | None = None


# The newer EC2 actions have the wrapped form; those of VPCs and CreateTags are older ones, with a form of their own.
WRAPPED = frozenset(
    name for name in get_service_model("ec2").operation_names if "VpcEndpoint" in name and not name.startswith(READS)
)
RECORDED = {
    "ec2": Recorded("ec2", only=WRAPPED | OLDER),
    "elbv2": Recorded("elasticloadbalancing", api_version="2015-12-01"),
    "organizations": Recorded("organizations", region="us-east-1"),
    "route53": Recorded("route53", region="us-east-1", api_version="2013-04-01"),
    "route53profiles": Recorded("route53profiles", api_version="2018-05-10"),
    "servicediscovery": Recorded("servicediscovery"),
}


def is_recorded(call: ApiCall) -> bool:
    """Whether CloudTrail tells EventBridge of the call: mutating, of a service in the table, by somebody known."""
    recorded = RECORDED.get(call.service)
    if recorded is None or call.caller.kind == "Unknown" or call.operation.startswith(READS):
        return False
    return recorded.only is None or call.operation in recorded.only


def event_region(call: ApiCall) -> str:
    """The Region in which the event comes out."""
    return RECORDED[call.service].region or call.region


def source_of(call: ApiCall) -> str:
    """The event's `source`."""
    return f"aws.{RECORDED[call.service].host}"


def write_record(call: ApiCall, response: Response) -> dict[str, Any]:
    """The record of a call and its answer."""
    recorded = RECORDED[call.service]
    region = event_region(call)
    error = wire.read_error(response)
    record = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": user_identity(call.caller),
        "eventTime": call.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{recorded.host}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": region,
        "sourceIPAddress": call.environ.get("REMOTE_ADDR", "127.0.0.1"),
        "userAgent": call.environ.get("HTTP_USER_AGENT", ""),
        "requestParameters": _small_enough(_request(call)),
        "responseElements": None if error else _small_enough(_response(call, response)),
        "requestID": call.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{recorded.host}.{region}.amazonaws.com",
        },
    }
    if call.operation in ADDITIONAL:
        record["additionalEventData"] = ADDITIONAL[call.operation]
    if recorded.api_version:
        record["apiVersion"] = recorded.api_version
    if error:
        record["errorCode"], record["errorMessage"] = _error_code(call, response, error[0]), error[1]
    return record


def _error_code(call: ApiCall, response: Response, code: str) -> str:
    """EC2's codes say whose fault it was."""
    if call.service != "ec2":
        return code
    return f"Server.{code}" if response.status_code >= 500 else f"Client.{code}"


def _small_enough(element: Any) -> Any:
    return element if len(json.dumps(element)) <= LARGEST_ELEMENT else None


def _request(call: ApiCall) -> Any:
    if call.service == "ec2" and call.operation in WRAPPED:
        return wrapped_request(call.operation, dict(parse_qsl(call.body.decode(), keep_blank_values=True)))
    if call.service == "ec2":
        return older_request(call.parameters)
    parameters = lower_camel(
        call.parameters, get_service_model(call.service).operation_model(call.operation).input_shape
    )
    for name in HIDDEN.get(call.service, set()) & set(parameters):
        parameters[name] = "****"
    return parameters or None


def _response(call: ApiCall, response: Response) -> Any:
    if call.service == "ec2" and call.operation in WRAPPED:
        return wrapped_response(response.get_data(), call.request_id)
    if call.service == "ec2":
        return older_response(call.operation, response.get_data(), call.request_id)
    operation = get_service_model(call.service).operation_model(call.operation)
    if operation.output_shape is None:
        return None
    protocol = determine_request_protocol(operation.service_model, call.environ.get("CONTENT_TYPE"))
    answer = {"headers": dict(response.headers), "body": response.get_data(), "status_code": response.status_code}
    parsed = create_parser(protocol).parse(answer, operation.output_shape)
    parsed.pop("ResponseMetadata", None)
    return lower_camel(parsed, operation.output_shape) or None


def lower_camel(value: Any, shape: Any) -> Any:
    """Names begin with a small letter (only the first changes: `dNSName`); times have the form of CloudTrail's samples.

    The keys of a map are no names, and stay.
    """
    if not value and isinstance(value, dict):  # the input of an operation without parameters has no shape
        return {}
    if isinstance(value, dict) and shape.type_name == "map":
        return {key: lower_camel(member, shape.value) for key, member in value.items()}
    if isinstance(value, dict):
        known = shape.members
        return {name[:1].lower() + name[1:]: lower_camel(member, known[name]) for name, member in value.items()}
    if isinstance(value, list):
        return [lower_camel(member, shape.member) for member in value]
    return american_time(value) if isinstance(value, datetime) else value
