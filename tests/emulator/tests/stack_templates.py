"""Stacks for tests: a template as YAML, deployed and looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .sample_functions import eventually

Client = Callable[..., Any]
DONE = ("COMPLETE", "FAILED")
# Bytes of a template that CloudFormation takes within a request.
LARGEST_BODY = 51_200


class StackOf:
    """A stack by its name, in the hub account unless said otherwise."""

    def __init__(self, client: Client, name: str = "tried", **where: str) -> None:
        self.api = client("cloudformation", **where)
        self._s3 = client("s3", **where)
        self.name = name

    def create(self, template: str, **settings: Any) -> str:
        """Create it, and return the status in which it ends."""
        self.api.create_stack(StackName=self.name, **self._template(template), **_request(settings))
        return self.status()

    def update(self, template: str, **settings: Any) -> str:
        """Update it, and return the status in which it ends."""
        self.api.update_stack(StackName=self.name, **self._template(template), **_request(settings))
        return self.status()

    def delete(self) -> str:
        """Delete it, and return the status in which it ends."""
        identifier = self.describe()["StackId"]
        self.api.delete_stack(StackName=self.name)
        return self.status(identifier)

    def describe(self, identifier: str | None = None) -> dict[str, Any]:
        """As DescribeStacks shows it."""
        return self.api.describe_stacks(StackName=identifier or self.name)["Stacks"][0]

    def status(self, identifier: str | None = None) -> str:
        """The status, when nothing is under way any more."""

        def settled() -> str | None:
            status = self.describe(identifier)["StackStatus"]
            return status if status.endswith(DONE) else None

        return eventually(settled)

    def outputs(self) -> dict[str, str]:
        """The outputs by their keys."""
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe().get("Outputs", [])}

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource."""
        arguments = {"StackName": self.name, "LogicalResourceId": logical_id}
        return self.api.describe_stack_resource(**arguments)["StackResourceDetail"]["PhysicalResourceId"]

    def resources(self) -> set[str]:
        """The logical ids of all resources."""
        shown = self.api.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        return {resource["LogicalResourceId"] for resource in shown}

    def reasons(self, identifier: str | None = None) -> str:
        """All reasons of its events, the newest first."""
        events = self.api.describe_stack_events(StackName=identifier or self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def _template(self, text: str) -> dict[str, str]:
        """The template as a request names it: in a bucket when it is too large for the request."""
        if len(text.encode()) <= LARGEST_BODY:
            return {"TemplateBody": text}
        bucket = f"templates-of-{self.name}"
        if bucket not in {found["Name"] for found in self._s3.list_buckets()["Buckets"]}:
            self._s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self._s3.put_object(Bucket=bucket, Key="template.yaml", Body=text.encode())
        return {"TemplateURL": f"{self._s3.meta.endpoint_url}/{bucket}/template.yaml"}


def _request(settings: dict[str, Any]) -> dict[str, Any]:
    """Parameters may be given as a mapping."""
    parameters = settings.get("Parameters")
    if isinstance(parameters, dict):
        pairs = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        settings = settings | {"Parameters": pairs}
    return settings
