"""Which load balancers a target group belongs to: those with a listener or rule that forwards to it (API Reference, TargetGroup).

moto adds a load balancer when a listener is made, and never takes one away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elbv2.models import ELBv2Backend

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks) -> None:
    """Have target groups follow the listeners."""
    for name in ("modify_listener", "delete_listener", "delete_load_balancer"):
        hooks.wrap(ELBv2Backend, name, _and_follow)


def _and_follow(original: Any, backend: ELBv2Backend, *args: Any, **kwargs: Any) -> Any:
    answer = original(backend, *args, **kwargs)
    attached: dict[str, list[str]] = {}
    for arn, balancer in backend.load_balancers.items():
        for group in _forwarded_to(backend, balancer):
            attached.setdefault(group, []).append(arn)
    for arn, group in backend.target_groups.items():
        group.load_balancer_arns = attached.get(arn, [])
    return answer


def _forwarded_to(backend: ELBv2Backend, balancer: Any) -> set[str]:
    actions = [
        action
        for listener in balancer.listeners.values()
        for actions in (listener.default_actions, *(rule.actions for rule in listener.rules.values()))
        for action in actions
    ]
    forwards = [action for action in actions if action.type == "forward"]
    return {arn for action in forwards for arn in backend._get_target_group_arns_from(action_data=action.data)}
