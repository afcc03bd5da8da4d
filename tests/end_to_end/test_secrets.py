"""What the functions are entrusted with is told to nobody."""

from __future__ import annotations

from pathlib import Path

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import PROVIDER, STRANGER, WORKLOADS_MEMBER

SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def secrets_of(process_id: int) -> dict[str, str]:
    """The credentials that Lambda gave to a process."""
    variables = Path(f"/proc/{process_id}/environ").read_text().split("\0")
    pairs = [variable.partition("=") for variable in variables]
    return {name: value for name, _, value in pairs if name in SECRETS}


def test_credentials_of_the_functions_are_in_no_log_line(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(PROVIDER)
    for account in (WORKLOADS_MEMBER, STRANGER):
        endpoint = drawbridge.request_connection(account, service)
        drawbridge.await_decision(vpc_endpoint_id=endpoint)
    drawbridge.settle()
    told = drawbridge.log.messages()
    assert told != []
    environments = drawbridge.accept_connections.environments()
    assert environments != []
    for environment in environments:
        secrets = secrets_of(environment["pid"])
        assert set(secrets) == set(SECRETS)
        assert [name for name, value in secrets.items() if any(value in message for message in told)] == []
