"""Events that a service records of itself: Organizations' late results, on the management account's default bus."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..delivery.buses import Buses

API_CALL = "AWS API Call via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"
ORGANIZATIONS_REGION = "us-east-1"


def account_created(buses: Buses, management: str, request_id: str, account: str) -> None:
    """CreateAccountResult: the account is there."""
    now = american_time(datetime.now(UTC))
    status = {
        "id": request_id,
        "state": "SUCCEEDED",
        "accountName": "****",
        "accountId": account,
        "requestedTimestamp": now,
        "completedTimestamp": now,
    }
    tell(buses, management, "CreateAccountResult", {"createAccountStatus": status})


def account_closed(buses: Buses, management: str, account: str, requested: datetime) -> None:
    """CloseAccountResult: the closure is done."""
    status = {
        "accountId": account,
        "state": "SUCCEEDED",
        "requestedTimestamp": american_time(requested),
        "completedTimestamp": american_time(datetime.now(UTC)),
    }
    tell(buses, management, "CloseAccountResult", {"closeAccountStatus": status})


def tell(buses: Buses, management: str, name: str, details: dict[str, Any]) -> None:
    """A record without `userIdentity.type` and `requestID`, as Organizations' samples are."""
    now = datetime.now(UTC)
    record = {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": management, "invokedBy": "AWS Internal"},
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "organizations.amazonaws.com",
        "eventName": name,
        "awsRegion": ORGANIZATIONS_REGION,
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": management,
        "serviceEventDetails": details,
        "eventCategory": "Management",
    }
    buses.put_service_event(management, ORGANIZATIONS_REGION, "aws.organizations", SERVICE_EVENT, record, time=now)


def american_time(time: datetime) -> str:
    """A time as CloudTrail's samples have it inside of elements: `Nov 2, 2026 9:15:30 AM`."""
    return f"{time:%b} {time.day}, {time.year} {time.hour % 12 or 12}:{time:%M:%S} {time:%p}"
