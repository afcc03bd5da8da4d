"""The wire forms of AWS's protocols: which operation a request asks for, its parameters, and how an answer is written.

All of it goes through moto's readers and writers of botocore's models, so that no shape is spelled out here.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from . import cbor

# Signing name -> botocore services that sign with it, where that isn't the one service of the same name.
SIGNED_AS = {
    "appconfig": ("appconfig", "appconfigdata"),
    "elasticloadbalancing": ("elbv2", "elb"),
    "eventbridge": ("events",),
    "monitoring": ("cloudwatch",),
    "servicequotas": ("service-quotas",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "ses": ("ses", "sesv2"),
    "s3": ("s3", "s3control"),
}
CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# moto warns of error codes that a service's model doesn't list; AWS itself answers many such codes.
warnings.filterwarnings("ignore", message=".*does not match an error shape.*")
XML_NAME_SPACE = re.compile(r"^\{[^}]*\}")


@dataclass(frozen=True)
class Scope:
    """The credential scope of a SigV4 signature."""

    access_key: str
    region: str
    service: str


def credential_scope(request: Request) -> Scope | None:
    """The scope of the request's signature: from the header, or from the query of a presigned address."""
    header = request.headers.get("Authorization", "")
    match = CREDENTIAL.search(header)
    if match is None and "X-Amz-Credential" in request.args:
        match = CREDENTIAL.search(f"Credential={request.args['X-Amz-Credential']}")
    if match is None:
        return None
    return Scope(match["key"], match["region"], match["service"].lower())


def find_operation(request: Request, signing_name: str) -> tuple[OperationModel, dict[str, Any]] | None:
    """The operation a request asks for, with the labels of its path; None if botocore knows no such operation."""
    services = SIGNED_AS.get(signing_name, (signing_name,))
    if cbor.is_spoken(request):
        named = cbor.find_operation(request, services)
        return (named, {}) if named is not None else None
    for service in services:
        try:
            router = get_service_router(service)
        except UnknownServiceError:
            continue
        if service == "elb" and request.values.get("Version") != get_service_model("elb").api_version:
            continue
        if service == "elbv2" and request.values.get("Version") != get_service_model("elbv2").api_version:
            continue
        _spell_target(request, str(get_service_model(service).metadata.get("targetPrefix", "")))
        try:
            return router.match(request)
        except (NotFound, MethodNotAllowed, NotImplementedError):
            continue
    return None


def _spell_target(request: Request, prefix: str) -> None:
    """Spell the target as botocore does: the Rust SDK leaves out the package that some services have before their name.

    AWS takes both: `CloudTrail_20131101.LookupEvents` and `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.…`.
    """
    named, _, operation = request.headers.get("X-Amz-Target", "").rpartition(".")
    if named and named != prefix and prefix.endswith(f".{named}"):
        request.environ["HTTP_X_AMZ_TARGET"] = f"{prefix}.{operation}"


def protocol_of(request: Request, operation: OperationModel) -> str:
    """The protocol of a request, by botocore's name; its answer is in the same."""
    if cbor.is_spoken(request):
        return cbor.PROTOCOL
    return determine_request_protocol(operation.service_model, request.content_type)


def parse_parameters(request: Request, operation: OperationModel, labels: dict[str, Any]) -> dict[str, Any]:
    """The request's parameters by botocore's names."""
    protocol = protocol_of(request, operation)
    if protocol == cbor.PROTOCOL:
        return cbor.parse_parameters(request, operation)
    parser = PROTOCOL_PARSERS[protocol](operation)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return parsed if isinstance(parsed, dict) else {}


def write(
    operation: OperationModel, result: object, request_id: str, protocol: str, status: int | None = None
) -> Response:
    """`result` (AWS-named keys, or an exception with `code` and `message`) in the protocol the request was made in."""
    answer = (
        cbor.write(operation, result) if protocol == cbor.PROTOCOL else _older(operation, result, request_id, protocol)
    )
    headers = {**answer["headers"], "x-amzn-RequestId": request_id}
    return Response(answer["body"], status=status or answer["status_code"], headers=headers)


def _older(operation: OperationModel, result: object, request_id: str, protocol: str) -> Any:
    serializer = get_serializer_class(operation.service_model.service_name, protocol)
    return serializer(operation, context=SerializationContext(request_id)).serialize(result)


def read_error(response: Response) -> tuple[str, str] | None:
    """Code and message of an error answer in any of the protocols; None for a success."""
    if response.status_code < 400:
        return None
    body = response.get_data()
    fallback = (response.headers.get("X-Amzn-Errortype", f"HTTP{response.status_code}").split(":")[0], "")
    if response.mimetype == cbor.CONTENT_TYPE:
        return cbor.read_error(response)
    if body[:1] == b"{":
        return _json_error(body, fallback)
    if body[:1] == b"<":
        return _xml_error(body, fallback)
    return fallback


def _json_error(body: bytes, fallback: tuple[str, str]) -> tuple[str, str]:
    try:
        error = json.loads(body)
    except ValueError:
        return fallback
    code = str(error.get("__type") or error.get("code") or fallback[0])
    return code.split("#")[-1].split(":")[0], str(error.get("message") or error.get("Message") or "")


def _xml_error(body: bytes, fallback: tuple[str, str]) -> tuple[str, str]:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return fallback
    found = {XML_NAME_SPACE.sub("", element.tag): element.text or "" for element in root.iter()}
    return found.get("Code", fallback[0]), found.get("Message", fallback[1])
