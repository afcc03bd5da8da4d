"""The form that EC2's older actions have in CloudTrail: members as the model names them, lists as `{"items": […]}`.

AWS doesn't describe it; the rules are read off its samples of CreateTags and RunInstances, and off records of CreateVpc
and ModifyVpcAttribute. Values have the types of the model, and an empty list is `{}`.
"""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from botocore.parsers import create_parser
from moto.core.utils import get_service_model

CREATED_OR_GONE = frozenset({"CreateVpc", "DeleteVpc", "ModifyVpcAttribute"})
TAGGING = frozenset({"CreateTags", "DeleteTags"})
OLDER = CREATED_OR_GONE | TAGGING
SETS = {"Resources": "resourcesSet", "Tags": "tagSet", "TagSpecifications": "tagSpecificationSet"}
SET_MEMBERS = {"Resources": "resourceId"}  # what the elements of a list of texts are called


def older_request(parameters: dict[str, Any]) -> dict[str, Any]:
    """`requestParameters` from the parameters of a call; a list within a list is bare (`tags` of a tag specification)."""
    return {SETS.get(name, _small(name)): _parameter(name, value) for name, value in parameters.items()}


def _parameter(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return _plain(value)
    element = SET_MEMBERS.get(name)
    return {"items": [{element: _plain(member)} if element else _plain(member) for member in value]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_small(name): _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def older_response(operation: str, body: bytes, request_id: str) -> dict[str, Any]:
    """`responseElements` from an answer's XML; `_return` where the operation has nothing to say."""
    model = get_service_model("ec2").operation_model(operation)
    shape = model.output_shape
    if shape is None or not shape.members:
        return {"requestId": request_id, "_return": True}
    answer = {"headers": {}, "body": body, "status_code": 200}
    parsed = create_parser("ec2").parse(answer, shape)
    parsed.pop("ResponseMetadata", None)
    return {"requestId": request_id, **_answered(parsed, shape)}


def _answered(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {
            members[name].serialization.get("name", _small(name)): _answered(member, members[name])
            for name, member in value.items()
        }
    if isinstance(shape, ListShape):
        return {"items": [_answered(member, shape.member) for member in value]} if value else {}
    return value
