"""Accepts connection requests of Organization members: the handler as most teams write it, clients made at import.

It trusts the event for the service and the endpoint, and works through a batch message by message. The connection is read
for two reasons: its id, which only this call gives and which the tags need, and its state, so that an event that comes twice is
answered once.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)

ec2 = boto3.client("ec2")
organizations = boto3.client("organizations")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of the queue in, the messages that failed out."""
    failures = []
    for record in event["Records"]:
        try:
            answer_request(json.loads(record["body"]))
        except Exception:
            logger.exception("message %s failed", record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def answer_request(event: dict[str, Any]) -> None:
    """Accept the connection that a CreateVpcEndpoint event of CloudTrail tells of, if its owner is a member."""
    endpoint = event["detail"]["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    endpoint_id = endpoint["vpcEndpointId"]
    service_id = endpoint["serviceName"].split(".")[-1]
    connections = ec2.describe_vpc_endpoint_connections(
        Filters=[{"Name": "service-id", "Values": [service_id]}, {"Name": "vpc-endpoint-id", "Values": [endpoint_id]}]
    )["VpcEndpointConnections"]
    if not connections or connections[0]["VpcEndpointState"] != "pendingAcceptance":
        logger.info("%s: nothing to do", endpoint_id)
        return
    connection = connections[0]
    if not is_member(connection["VpcEndpointOwner"]):
        logger.info("%s: left alone, its owner is no active member", endpoint_id)
        return
    accepted = ec2.accept_vpc_endpoint_connections(ServiceId=service_id, VpcEndpointIds=[endpoint_id])
    if accepted.get("Unsuccessful"):
        raise RuntimeError(f"{endpoint_id}: {accepted['Unsuccessful']}")
    ec2.create_tags(
        Resources=[connection["VpcEndpointConnectionId"]],
        Tags=[
            {"Key": "accepted-by", "Value": "accept-connections"},
            {"Key": "accepted-at", "Value": datetime.now(UTC).isoformat(timespec="seconds")},
            {"Key": "owner", "Value": connection["VpcEndpointOwner"]},
        ],
    )
    logger.info("%s: accepted, its owner %s is a member", endpoint_id, connection["VpcEndpointOwner"])


def is_member(account: str) -> bool:
    """Whether the account is an active one of this Organization."""
    try:
        return organizations.describe_account(AccountId=account)["Account"]["State"] == "ACTIVE"
    except organizations.exceptions.AccountNotFoundException:
        return False
