"""Resource types that only moto makes, by its own CloudFormation models.

They serve VPCs, load balancers and the like in tests. moto's models don't refuse properties that they don't know, which
the event of each such resource says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from moto.cloudformation.parsing import generate_resource_name, get_model_map, get_name_type_map

from .base import Made, Making, ResourceFailed, ResourceType

NOTE = "Made by moto's own model, which ignores properties it doesn't know"


class MotoType(ResourceType):
    """A type of moto's."""

    note = NOTE
    replaced_by = ()

    def __init__(self, name: str, model: Any) -> None:
        self.type_name = name
        self._model = model
        self._instances: dict[str, Any] = {}
        self._name_property = get_name_type_map().get(name)

    def check(self, logical_id: str, properties: Any) -> None:
        """moto checks what it checks."""

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Make it by moto's model."""
        name = properties.get(self._name_property or "") or generate_resource_name(
            self.type_name, making.stack_name, making.logical_id
        )
        details = {"LogicalId": making.logical_id, "StackId": making.stack_id, "ResourceType": self.type_name}
        description = {"Type": self.type_name, "Properties": dict(properties)}
        instance = self._model.create_from_cloudformation_json(
            name, description, making.account, making.region, **details
        )
        return self._made(instance)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Change it by moto's model, if that can."""
        change = self._model.update_from_cloudformation_json
        if hasattr(change, "__isabstractmethod__"):
            raise ResourceFailed(f"moto can't update a {self.type_name}")
        name = new.get(self._name_property or "") or made.physical_id
        instance = change(
            original_resource=self._instances[made.physical_id],
            new_resource_name=name,
            cloudformation_json={"Type": self.type_name, "Properties": dict(new)},
            account_id=making.account,
            region_name=making.region,
        )
        return self._made(instance)

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Delete it by moto's model."""
        instance = self._instances.pop(made.physical_id, None)
        if instance is not None and hasattr(instance, "delete"):
            try:
                instance.delete(making.account, making.region)
                return
            except TypeError:
                pass  # this model's delete is something else
        description = {"Type": self.type_name, "Properties": dict(properties)}
        self._model.delete_from_cloudformation_json(made.physical_id, description, making.account, making.region)

    def _made(self, instance: Any) -> Made:
        physical_id = str(instance.physical_resource_id)
        self._instances[physical_id] = instance
        return Made(physical_id, Attributes(instance))


class Attributes(dict[str, Any]):
    """The attributes of a moto resource, asked for when they are needed."""

    def __init__(self, instance: Any) -> None:
        super().__init__()
        self._instance = instance

    def __missing__(self, name: str) -> Any:
        try:
            return self._instance.get_cfn_attribute(name)
        except Exception as error:  # moto raises several kinds for an attribute it doesn't have
            raise KeyError(name) from error


@lru_cache
def moto_type(name: str) -> ResourceType | None:
    """The type of a name, if moto makes it."""
    model = get_model_map().get(name)
    return MotoType(name, model) if model is not None else None
