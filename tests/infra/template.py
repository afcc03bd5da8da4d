"""CloudFormation templates as plain data: reading them, and copies with one defect seeded.

Short forms (`!Ref`, `!GetAtt`, `!Sub` …) become their long forms, as CloudFormation reads them.
Source: CloudFormation user guide, "Intrinsic function reference".
"""

import functools
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
INFRA = REPOSITORY / "infra"

Template: TypeAlias = dict[str, Any]
"""A template with long-form intrinsic functions."""


# The parser in C where PyYAML comes with it: five times as fast.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML with CloudFormation's tags, in which a key may stand once only."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {sorted(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def _long_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _long_form)


def parse(text: str) -> Template:
    """The template in this text, which is the caller's to change."""
    return pickle.loads(_pickled(text))


@functools.cache
def _pickled(text: str) -> bytes:
    """Many ask for the same few templates."""
    return pickle.dumps(yaml.load(text, Loader=_Loader))


def read(name: str) -> Template:
    """The template `infra/<name>`."""
    return parse((INFRA / name).read_text(encoding="utf-8"))


def as_json(template: Template) -> str:
    """The template as text for a validator."""
    return json.dumps(template)


def resources(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical ids and properties of the resources of one type."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource.get("Properties", {})


def altered(template: Template, path: str, value: Any) -> Template:
    """A copy with another value at the path, whose steps are separated by `/` and must exist, but for the last.

    A list grows by the place after its last.
    """
    changed = _copy(template)
    parent, last = _parent(changed, path)
    if isinstance(parent, list) and last == len(parent):
        parent.append(value)
    else:
        parent[last] = value
    return changed


def without(template: Template, path: str) -> Template:
    """A copy that lacks what is at the path."""
    changed = _copy(template)
    parent, last = _parent(changed, path)
    del parent[last]
    return changed


def at(template: Template, path: str) -> Any:
    """What is at the path."""
    parent, last = _parent(template, path)
    return parent[last]


def _copy(template: Template) -> Template:
    """A copy that shares nothing; there are hundreds, and `deepcopy` takes twice as long."""
    return pickle.loads(pickle.dumps(template))


def _parent(template: Template, path: str) -> tuple[Any, Any]:
    *steps, last = path.split("/")
    place: Any = template
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place, int(last) if isinstance(place, list) else last
