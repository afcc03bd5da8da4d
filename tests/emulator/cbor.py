"""Smithy's RPC v2 with CBOR, which the Rust SDK speaks with CloudWatch: moto has no part of it.

Smithy 2.0, "Smithy RPC v2 CBOR": POST `/service/<service>/operation/<operation>`, header `smithy-protocol: rpc-v2-cbor`,
bodies of RFC 8949, times as tag 1; "AWS query compatible": errors have their older code in `x-amzn-query-error`.
What is forwarded to moto goes there in the JSON protocol and comes back from it.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.parsers import RpcV2CBORParser, create_parser
from botocore.serialize import create_serializer
from moto.core.model import OperationModel
from moto.core.request import Request
from moto.core.serialize import JSONSerializer
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

PROTOCOL = "smithy-rpc-v2-cbor"
HEADER = ("smithy-protocol", "rpc-v2-cbor")
CONTENT_TYPE = "application/cbor"
QUERY_ERROR = "x-amzn-query-error"
PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)$")
TIME_TAG = b"\xc1"
LONGEST_SHORT = 23  # lengths up to this stand in the first byte
SIZES = ((0xFF, 24, "B"), (0xFFFF, 25, ">H"), (0xFFFFFFFF, 26, ">I"), (0xFFFFFFFFFFFFFFFF, 27, ">Q"))


def is_spoken(request: Request) -> bool:
    """Whether a request is of this protocol."""
    return request.headers.get(HEADER[0]) == HEADER[1]


def find_operation(request: Request, services: tuple[str, ...]) -> OperationModel | None:
    """The operation in the path, of one of botocore's services."""
    match = PATH.search(request.path)
    for service in services if match else ():
        model = get_service_model(service)
        if match and match["service"] == model.metadata.get("targetPrefix"):
            return model.operation_model(match["operation"]) if match["operation"] in model.operation_names else None
    return None


def parse_parameters(request: Request, operation: OperationModel) -> dict[str, Any]:
    """The request's parameters by botocore's names."""
    body = request.get_data()
    if operation.input_shape is None or not body:
        return {}
    return RpcV2CBORParser()._parse_shape(operation.input_shape, decode(body))


def decode(body: bytes) -> Any:
    """What a body says."""
    return RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))  # type: ignore[arg-type]


def encode(value: Any) -> bytes:
    """A value as a body; times as fractions of seconds."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes | bytearray):
        return _head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return TIME_TAG + encode(aware.timestamp())
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(encode(key) + encode(member) for key, member in value.items())
    return _head(4, len(value)) + b"".join(encode(member) for member in value)


def _head(major: int, number: int) -> bytes:
    if number <= LONGEST_SHORT:
        return bytes([major << 5 | number])
    additional, form = next((additional, form) for most, additional, form in SIZES if number <= most)
    return bytes([major << 5 | additional]) + struct.pack(form, number)


class Serializer(JSONSerializer):
    """Answers and errors: moto's choice of members, and this protocol's form."""

    def _serialize_type_timestamp(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        self._default_serialize(serialized, moment, shape, key)

    def _serialize_type_blob(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        self._default_serialize(serialized, value.encode() if isinstance(value, str) else value, shape, key)

    def _serialize_error_metadata(self, serialized: Any, error: Exception, shape: Any) -> None:
        super()._serialize_error_metadata(serialized, error, shape)
        message = serialized.pop("Message", None)
        if message is not None:
            serialized["message"] = message

    def _serialize_body(self, body: Any) -> bytes:  # type: ignore[override]
        return encode(body)


def write(operation: OperationModel, result: object) -> dict[str, Any]:
    """Body, headers and status of an answer or an error."""
    answer = dict(Serializer(operation).serialize(result))
    kept = {name: value for name, value in answer["headers"].items() if name == QUERY_ERROR}
    answer["headers"] = {**kept, HEADER[0]: HEADER[1], "Content-Type": CONTENT_TYPE}
    return answer


def read_error(response: Response) -> tuple[str, str]:
    """Code and message of an error; the code is the older one, where there is one."""
    error = decode(response.get_data())
    code = response.headers.get(QUERY_ERROR, "").partition(";")[0] or str(error.get("__type", "")).split("#")[-1]
    return code, str(error.get("message") or error.get("Message") or "")


def forward(
    moto: Callable[..., Any], environ: dict[str, Any], operation: OperationModel, parameters: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """moto's answer to the same call in the JSON protocol: its status, and its members or its `Error`."""
    request = create_serializer("json", include_validation=False).serialize_to_request(parameters, operation)
    body = request["body"] if isinstance(request["body"], bytes) else request["body"].encode()
    kept = {name: value for name, value in environ.items() if name not in ("werkzeug.request", "HTTP_SMITHY_PROTOCOL")}
    spoken = {
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "REQUEST_URI": "/",
        "CONTENT_TYPE": request["headers"]["Content-Type"],
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_AMZ_TARGET": request["headers"]["X-Amz-Target"],
        "wsgi.input": io.BytesIO(body),
    }
    response = Response.from_app(moto, kept | spoken, buffered=True)
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = {"headers": headers, "body": response.get_data(), "status_code": response.status_code}
    parsed = create_parser("json").parse(answer, operation.output_shape)
    parsed.pop("ResponseMetadata", None)
    return response.status_code, parsed
