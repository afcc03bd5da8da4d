"""Which AWS operations a function calls, read off its Rust source.

A function's `main` names its controller. What the controller calls on its ports (the traits of `port/`), itself or by
handing a port to another function, leads to the adapters (`aws/`), and their bodies to operations of the SDK, whose
methods are named as the operations, in snake case. The frame around every controller (`lambda.rs`, `settings.rs`) has
ports of its own. Read as text: a port is known by its name, `private_link` for `PrivateLink`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore import xform_name

from infra.template import REPOSITORY

FRAME = ("shared/src/lambda.rs", "shared/src/settings.rs")
PORTS = ("shared/src/port.rs", "shared/src/port/")
ADAPTERS = "shared/src/aws/"
# Adapters that name each call by a constant with its IAM action, which stands wherever the call is made.
NAMED_BY_CONSTANTS = "shared/src/aws/cloudwatch"
# Where the name of the SDK's crate is not that of the service, and where the service's is not that of its actions.
SERVICES = {
    "eventbridge": "events",
    "elasticloadbalancingv2": "elbv2",
    "resourcegroupstagging": "resourcegroupstaggingapi",
}
ACTIONS = {"appconfigdata": "appconfig", "elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}
# What a call asks for besides its own action: the Tagging API tags in the caller's name, by the service of each resource; and
# CloudWatch asks for leave to tag where an alarm is made with tags.
BESIDES = {
    "tag:TagResources": {"route53:ChangeTagsForResource", "servicediscovery:TagResource", "cloudwatch:TagResource"},
    # Ours are made with a tag.
    "cloudwatch:PutMetricAlarm": {"cloudwatch:TagResource"},
    "cloudwatch:PutCompositeAlarm": {"cloudwatch:TagResource"},
    "servicediscovery:CreateService": {"servicediscovery:TagResource"},
    "servicediscovery:CreateHttpNamespace": {"servicediscovery:TagResource"},
    # Cloud Map makes the zone, and writes to it, with the caller's leave (Cloud Map developer guide, "Identity and access management").
    "servicediscovery:CreatePrivateDnsNamespace": {
        "servicediscovery:TagResource",
        "route53:CreateHostedZone",
        "route53:GetHostedZone",
        "route53:ListHostedZonesByName",
        "route53:DeleteHostedZone",
        "route53:ChangeResourceRecordSets",
        "ec2:DescribeVpcs",
    },
}

# In one expression, for each can stand within another.
NO_CODE = re.compile(
    r"""//[^\n]*
    |(?P<text>\bb?r(?P<fence>\#*)".*?"(?P=fence)|b?"(?:[^"\\]|\\.)*")
    |(?P<character>b?'(?:[^'\\\n]|\\(?:u\{\w+\}|x\w\w|.))')""",
    re.DOTALL | re.VERBOSE,
)

# As it stands in the source, and as `code` leaves it: without quotation marks, behind the rest.
ACTION_CONSTANT = re.compile(r'^const (\w+): &str = "([a-z0-9-]+:[A-Z]\w+)";', re.MULTILINE)
KEPT_CONSTANT = re.compile(r"^const (\w+): &str = ([a-z0-9-]+:[A-Z]\w+);", re.MULTILINE)

Sources = Mapping[str, str]
"""Rust sources by their path in the repository, without comments, texts and tests."""


@dataclass(frozen=True)
class Body:
    """A function of the source."""

    path: str
    name: str
    parameters: str
    text: str


def repository() -> dict[str, str]:
    """The sources of this repository."""
    folders = ("shared/src", "functions")
    paths = sorted(path for folder in folders for path in (REPOSITORY / folder).rglob("*.rs"))
    found = {str(path.relative_to(REPOSITORY)): path.read_text(encoding="utf-8") for path in paths}
    is_test = re.compile(r"/tests(/|\.rs$)|/world(/|\.rs$)")
    return {path: code(text) for path, text in found.items() if not is_test.search(path)}


def code(text: str) -> str:
    """The text without comments, literals and test modules."""
    constants = "".join(f"const {name}: &str = {action};\n" for name, action in ACTION_CONSTANT.findall(text))
    text = NO_CODE.sub(lambda found: '""' if found["text"] else "' '" if found["character"] else "", text)
    text = f"{text}\n{constants}"
    while found := re.search(r"#\[cfg\(test\)\]\s*mod \w+ (?=\{)", text):
        text = text[: found.start()] + text[_end(text, found.end()) :]
    return text


def actions_of(function: str, sources: Sources) -> set[str]:
    """The IAM actions that the function of this name needs."""
    methods = _port_methods(sources)
    used = _used_methods(function, sources, methods)
    used |= _called_by_default(used, methods, sources)
    called = {action for method in used for action in _adapter_actions(method, sources)}
    return called.union(*(BESIDES.get(action, set()) for action in called))


def _used_methods(function: str, sources: Sources, methods: set[str]) -> set[str]:
    main = sources.get(f"functions/{function}/src/main.rs")
    if main is None:
        raise LookupError(f"functions/{function}/src/main.rs is not there")
    controllers = set(re.findall(r"controller::(\w+)", main))
    if not controllers:
        raise LookupError(f"functions/{function} names no controller")
    places = tuple(f"shared/src/controller/{name}" for name in controllers)
    files = tuple(f"{place}.rs" for place in places)
    folders = tuple(f"{place}/" for place in places)
    bodies = [body for body in _bodies(sources) if not body.path.startswith((ADAPTERS, *PORTS))]
    waiting = [b for b in bodies if b.path in (*FRAME, *files) or b.path.startswith(folders)]
    # The clock is handed to everybody, and asks AWS for nothing.
    ports = {xform_name(trait): trait for trait in _traits(sources) if trait != "Clock"}
    seen, used = set(), set()
    while waiting:
        body = waiting.pop()
        if body in seen:
            continue
        seen.add(body)
        for receiver, name, arguments in _calls(body.text):
            if receiver == "." and name in methods:
                used.add(name)
            handed_on = {ports[word] for word in _words(arguments) if word in ports}
            near = receiver in ("", "self.", "Self::")
            called = [b for b in bodies if b.name == name]
            waiting += [b for b in called if (near and b.path == body.path) or handed_on & _words(b.parameters)]
    return used


def _called_by_default(used: set[str], methods: set[str], sources: Sources) -> set[str]:
    """Methods of ports that these methods call where the port itself says how they are done."""
    waiting, seen = set(used), set()
    declared = [body for body in _bodies(sources) if body.path.startswith(PORTS)]
    while waiting:
        method = waiting.pop()
        seen.add(method)
        called = {name for body in declared if body.name == method for _, name, _ in _calls(body.text)}
        waiting |= called & methods - seen
    return seen


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _adapter_actions(method: str, sources: Sources) -> set[str]:
    bodies = [body for body in _bodies(sources) if body.path.startswith(ADAPTERS)]
    methods = _port_methods(sources)
    waiting, seen, found = [b for b in bodies if b.name == method], set(), set()
    while waiting:
        body = waiting.pop()
        if body in seen:
            continue
        seen.add(body)
        found |= set(_operations(body, sources[body.path]))
        called = {name for _, name, _ in _calls(body.text)} - (methods - {method})
        waiting += [b for b in bodies if b.name in called]
    return found


def _operations(body: Body, file: str) -> Iterator[str]:
    if "AssumeRoleProvider::builder" in body.text:
        yield "sts:AssumeRole"
    if body.path.startswith(NAMED_BY_CONSTANTS):
        yield from (action for name, action in KEPT_CONSTANT.findall(file) if name in _words(body.text))
    invoked = set(re.findall(r"\.\s*([a-z0-9_]+)\(\)", body.text))
    for crate in set(re.findall(r"aws_sdk_(\w+)", file)):
        service = SERVICES.get(crate, crate)
        for snake, operation in _methods_of_sdk(service).items():
            if snake in invoked:
                yield f"{ACTIONS.get(service, service)}:{operation}"


@cache
def _methods_of_sdk(service: str) -> dict[str, str]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(operation): operation for operation in model.operation_names}


def _traits(sources: Sources) -> dict[str, str]:
    """The ports, with their declarations."""
    text = "\n".join(text for path, text in sources.items() if path.startswith(PORTS))
    found = re.finditer(r"pub trait (\w+)[^{]*(?=\{)", text)
    return {match[1]: text[match.end() : _end(text, match.end())] for match in found}


def _port_methods(sources: Sources) -> set[str]:
    return {name for declared in _traits(sources).values() for name in re.findall(r"\bfn (\w+)", declared)}


def _bodies(sources: Sources) -> Iterable[Body]:
    return [body for path, text in sources.items() for body in _functions(path, text)]


@cache
def _functions(path: str, text: str) -> list[Body]:
    found = []
    for match in re.finditer(r"\bfn (\w+)", text):
        # A declaration without a body ends with a semicolon that stands in no bracket.
        start = _body_start(text, match.end())
        if start is not None:
            found.append(Body(path, match[1], text[match.end() : start], text[start : _end(text, start)]))
    return found


def _body_start(text: str, position: int) -> int | None:
    depth = 0
    for index in range(position, len(text)):
        character = text[index]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character in ";{":
            return index if character == "{" else None
    return None


def _calls(text: str) -> Iterator[tuple[str, str, str]]:
    """Receiver as far as it matters, name and arguments of each call."""
    for match in re.finditer(r"(\bself\s*\.\s*|\bSelf::|\.\s*|::|\b)(\w+)(?:::<[^()]*>)?(?=\()", text):
        yield re.sub(r"\s", "", match[1]), match[2], text[match.end() : _end(text, match.end())]


def _end(text: str, start: int) -> int:
    """The position after the bracket that closes the one at the start."""
    opened, closed = text[start], {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == opened) - (text[index] == closed)
        if depth == 0:
            return index + 1
    raise ValueError(f"no {closed} for the {opened} at {start}")
