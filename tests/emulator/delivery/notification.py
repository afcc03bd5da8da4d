"""The forms in which SNS hands a message on, signed as AWS signs them.

Amazon SNS Developer Guide, "Parsing message formats" and "Verifying the signatures of messages"; the AWS Lambda
Developer Guide, "Using Lambda with Amazon SNS", spells `SigningCertUrl` and `UnsubscribeUrl` differently.
"""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import Subscription, sns_backends

SIGNED_OF_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
SIGNED_OF_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def envelope_for_queue(
    subscription: Subscription,
    message_id: str,
    message: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> str:
    """The body of the queue's message, for a subscription without raw delivery."""
    fields = _notification(subscription, message_id, message, subject)
    if attributes:
        fields["MessageAttributes"] = _attributes(attributes)
    return _text(fields)


def envelope_for_function(
    subscription: Subscription,
    message_id: str,
    message: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> dict[str, Any]:
    """The event that a subscribed function gets."""
    fields = _notification(subscription, message_id, message, subject)
    fields["SigningCertUrl"] = fields.pop("SigningCertURL")
    fields["UnsubscribeUrl"] = fields.pop("UnsubscribeURL")
    fields |= {"Subject": subject, "MessageAttributes": _attributes(attributes or {})}
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": fields}
    return {"Records": [record]}


def confirmation(subscription: Subscription, token: str) -> str:
    """The message that asks the owner of an endpoint to confirm a subscription."""
    topic = subscription.topic
    region = topic.sns_backend.region_name
    fields = {
        "Type": "SubscriptionConfirmation",
        "MessageId": str(uuid.uuid4()),
        "Token": token,
        "TopicArn": topic.arn,
        "Message": f"You have chosen to subscribe to the topic {topic.arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message.",
        "SubscribeURL": f"https://sns.{region}.amazonaws.com/?Action=ConfirmSubscription"
        f"&TopicArn={quote(topic.arn, safe='')}&Token={token}",
        "Timestamp": _now(),
    }
    return _text(fields | _signature(subscription, fields, SIGNED_OF_CONFIRMATION))


def _notification(subscription: Subscription, message_id: str, message: str, subject: str | None) -> dict[str, Any]:
    topic = subscription.topic
    fields: dict[str, Any] = {"Type": "Notification", "MessageId": message_id, "TopicArn": topic.arn}
    if subject:
        fields["Subject"] = subject
    fields |= {"Message": message, "Timestamp": _now()}
    fields |= _signature(subscription, fields, SIGNED_OF_NOTIFICATION)
    region = topic.sns_backend.region_name
    fields["UnsubscribeURL"] = (
        f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={quote(subscription.arn, safe='')}"
    )
    return fields


def _signature(subscription: Subscription, fields: dict[str, Any], signed: tuple[str, ...]) -> dict[str, str]:
    """Version 1 signs with SHA1, version 2 (an attribute of the topic) with SHA256."""
    key, certificate, name = _signing_key()
    version = str(getattr(subscription.topic, "signature_version", "1"))
    text = "".join(f"{field}\n{fields[field]}\n" for field in signed if field in fields)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
    signature = key.sign(text.encode(), padding.PKCS1v15(), algorithm)
    region = subscription.topic.sns_backend.region_name
    # moto serves the certificate from here, at /<name>.
    sns_backends[DEFAULT_ACCOUNT_ID][region]._message_public_keys[name] = certificate
    return {
        "SignatureVersion": version,
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": f"https://sns.{region}.amazonaws.com/{name}",
    }


@cache
def _signing_key() -> tuple[rsa.RSAPrivateKey, bytes, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    certificate = builder.not_valid_after(now + timedelta(days=365)).sign(key, hashes.SHA256())
    name = f"SimpleNotificationService-{uuid.uuid4().hex}.pem"
    return key, certificate.public_bytes(serialization.Encoding.PEM), name


def _attributes(attributes: dict[str, Any]) -> dict[str, dict[str, str]]:
    def text(value: Any) -> str:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

    return {name: {"Type": value["Type"], "Value": text(value["Value"])} for name, value in attributes.items()}


def _text(fields: dict[str, Any]) -> str:
    return json.dumps(fields, indent=2, separators=(",", " : "))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
