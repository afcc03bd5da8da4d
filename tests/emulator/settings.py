"""Settings of a running emulator, for what AWS does at its own pace or in undocumented ways.

Control API: `GET settings`, `POST settings {"name": value, …}`; a reset brings the defaults back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator


@dataclass
class Setting:
    """One setting: what it does, its default, and whether a value is allowed."""

    explanation: str
    default: Any
    allows: Callable[[Any], bool]
    value: Any


class Settings:
    """All settings by name."""

    def __init__(self) -> None:
        self._settings: dict[str, Setting] = {}

    def define(self, name: str, default: Any, allows: Callable[[Any], bool], explanation: str) -> None:
        """Add a setting; called once by the extension that reads it."""
        if name in self._settings:
            raise ValueError(f"two extensions define the setting {name}")
        self._settings[name] = Setting(explanation, default, allows, default)

    def __getitem__(self, name: str) -> Any:
        return self._settings[name].value

    def reset(self) -> None:
        """Bring all defaults back."""
        for setting in self._settings.values():
            setting.value = setting.default

    def change(self, request: ControlRequest) -> dict[str, Any]:
        """Set what the request names: all of it, or nothing when something is wrong."""
        wanted = request.fields(*self._settings)
        for name, value in wanted.items():
            if not self._settings[name].allows(value):
                raise ControlError(f"{name} can't be {value!r}: {self._settings[name].explanation}")
        for name, value in wanted.items():
            self._settings[name].value = value
        return self.show(request)

    def show(self, _: ControlRequest) -> dict[str, Any]:
        """Values and explanations."""
        return {
            name: {"value": setting.value, "default": setting.default, "explanation": setting.explanation}
            for name, setting in sorted(self._settings.items())
        }


def install(_hooks: Hooks, app: Emulator) -> None:
    """Show `app.settings`, in which extensions define theirs."""
    app.on_reset(app.settings.reset)
    app.control("GET", "settings", app.settings.show)
    app.control("POST", "settings", app.settings.change)
