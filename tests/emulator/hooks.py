"""The one place where moto is changed.

An extension hangs itself on moto by two verbs: `operation` answers an API operation instead of moto, `wrap` puts a
function around one of moto's own. Both check first that the thing to hang on exists, so that another version of moto
(or of botocore) makes the emulator refuse to start with a name, instead of falling back to moto's own behaviour.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from moto.core.utils import get_service_model

from .api_call import ApiCall

MOTO_VERSION = "5.2.5"

# An operation gets the call and returns AWS-named keys, nothing, or the werkzeug Response of `call.forward()`.
Operation = Callable[[ApiCall], Any]


class MissingHook(RuntimeError):
    """Something the emulator hangs on is gone."""


class Hooks:
    """What the extensions have hung on moto."""

    def __init__(self) -> None:
        installed = version("moto")
        if installed != MOTO_VERSION:
            raise MissingHook(f"the emulator extends moto {MOTO_VERSION}, but moto {installed} is installed")
        self._operations: dict[tuple[str, str], Operation] = {}

    def operation(self, service: str, name: str, function: Operation) -> None:
        """Let `function` answer operation `name` (as botocore spells it) of botocore's `service`."""
        if name not in get_service_model(service).operation_names:
            raise MissingHook(f"botocore's model of {service} has no operation {name}")
        if (service, name) in self._operations:
            raise MissingHook(f"two extensions want to answer {service}.{name}")
        self._operations[service, name] = function

    def find(self, service: str, name: str) -> Operation | None:
        """The function that answers an operation, or None when moto does."""
        return self._operations.get((service, name))

    def wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        """Put `wrapper` around `owner.name`; it is called as `wrapper(original, *args, **kwargs)`.

        `owner` is a class or a module of moto; for a method, `args` begins with the instance.
        """
        if name not in vars(owner):
            raise MissingHook(f"moto {MOTO_VERSION} should have {owner.__name__}.{name}, but hasn't")
        attribute = vars(owner)[name]
        kind = type(attribute) if isinstance(attribute, staticmethod | classmethod) else None
        original = attribute.__func__ if kind else attribute

        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(original, *args, **kwargs)

        setattr(owner, name, kind(wrapped) if kind else wrapped)
