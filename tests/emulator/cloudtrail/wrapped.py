"""The peculiar form of EC2's newer actions in CloudTrail: XML turned into JSON.

AWS doesn't describe it; the rules are read off its own samples (transit gateway and VPC endpoint records) and are those
of org.json's `XML.toJSONObject`: a list of one is the thing itself, an empty set is `""`, and values are guessed, so
that an account id becomes a number unless it begins with 0.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

WHOLE_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})")
DECIMAL = re.compile(r"-?\d+\.\d+([eE][+-]?\d+)?")
INDEX = re.compile(r"\d+")
NOT_PARAMETERS = ("Action", "Version")


def guess(text: str) -> Any:
    """A text as the type it looks like."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text.lower() == "null":
        return None
    if WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text


def wrapped_request(action: str, parameters: dict[str, str]) -> dict[str, Any]:
    """`requestParameters` from the parameters of a query: `{"<Action>Request": {…}}`, members by their wire names."""
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        if name in NOT_PARAMETERS:
            continue
        node, *rest = tree, *name.split(".")
        for part in rest[:-1]:
            node = node.setdefault(part, {})
        node[rest[-1]] = value
    return {f"{action}Request": {name: _member(node) for name, node in tree.items()}}


def _member(node: Any) -> Any:
    if isinstance(node, str):
        return guess(node)
    if not all(INDEX.fullmatch(name) for name in node):
        return {name: _member(member) for name, member in node.items()}
    elements = [_element(int(number), node[number]) for number in sorted(node, key=int)]
    return elements[0] if len(elements) == 1 else elements


def _element(number: int, node: Any) -> dict[str, Any]:
    if isinstance(node, str):
        return {"tag": number, "content": guess(node)}
    return {"tag": number, **{name: _member(member) for name, member in node.items()}}


def wrapped_response(body: bytes, request_id: str) -> dict[str, Any]:
    """`responseElements` from an answer's XML: `{"<Action>Response": {"xmlns": …, "requestId": …, …}}`."""
    root = ElementTree.fromstring(body)
    name_space, _, name = root.tag.removeprefix("{").partition("}")
    content = _content(root)
    members = content if isinstance(content, dict) else {}
    return {name: {"xmlns": f"{name_space.rstrip('/')}/", **members, "requestId": request_id}}


def _content(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        return guess((element.text or "").strip())
    content: dict[str, Any] = {}
    for child in children:
        name, value = child.tag.partition("}")[2] or child.tag, _content(child)
        if name not in content:
            content[name] = value
        elif isinstance(content[name], list):
            content[name].append(value)
        else:
            content[name] = [content[name], value]
    return content
