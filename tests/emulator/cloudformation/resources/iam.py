"""AWS::IAM::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceType, changed_properties, document, ignoring, only, resource_type, tag_list

GONE = ("NoSuchEntity",)


@resource_type
class Role(ResourceType):
    """A role with its policies; Ref is its name."""

    name = "AWS::IAM::Role"
    properties = (
        "RoleName",
        "Path",
        "Description",
        "AssumeRolePolicyDocument",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "PermissionsBoundary",
        "Policies",
        "Tags",
    )
    required = ("AssumeRolePolicyDocument",)
    replaced_by = ("RoleName", "Path")
    name_property = "RoleName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateRole, its inline policies, its managed policies."""
        name = properties.get("RoleName") or making.name(64)
        role = making.call(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=document(properties["AssumeRolePolicyDocument"]),
            Tags=tag_list(making.all_tags(properties.get("Tags"))),
            **only(properties, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
        )["Role"]
        made = Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        self._put_policies(making, name, {}, properties)
        return made

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Whatever changed."""
        name, changed = made.physical_id, changed_properties(old, new)
        if "AssumeRolePolicyDocument" in changed:
            policy = document(new["AssumeRolePolicyDocument"])
            making.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=policy)
        if changed & {"Description", "MaxSessionDuration"}:
            settings = {
                "Description": new.get("Description", ""),
                "MaxSessionDuration": new.get("MaxSessionDuration", 3600),
            }
            making.call("iam", "UpdateRole", RoleName=name, **settings)
        if "PermissionsBoundary" in changed:
            if new.get("PermissionsBoundary"):
                boundary = new["PermissionsBoundary"]
                making.call("iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
            else:
                making.call("iam", "DeleteRolePermissionsBoundary", RoleName=name)
        self._put_policies(making, name, old, new)
        before = making.call("iam", "ListRoleTags", RoleName=name)["Tags"]
        after = making.all_tags(new.get("Tags"))
        gone = [tag["Key"] for tag in before if tag["Key"] not in after]
        if gone:
            making.call("iam", "UntagRole", RoleName=name, TagKeys=gone)
        if after:
            making.call("iam", "TagRole", RoleName=name, Tags=tag_list(after))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Delete its inline policies, detach the others, delete the role."""
        name = made.physical_id

        def delete() -> None:
            self._put_policies(making, name, properties, {})
            making.call("iam", "DeleteRole", RoleName=name)

        ignoring(GONE, delete)

    @staticmethod
    def _put_policies(making: Making, role: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        before = {policy["PolicyName"]: policy["PolicyDocument"] for policy in old.get("Policies") or []}
        after = {policy["PolicyName"]: policy["PolicyDocument"] for policy in new.get("Policies") or []}
        for name, policy in after.items():
            if before.get(name) != policy:
                making.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document(policy))
        for name in set(before) - set(after):
            making.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)
        attached, wanted = set(old.get("ManagedPolicyArns") or []), set(new.get("ManagedPolicyArns") or [])
        for arn in sorted(wanted - attached):
            making.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for arn in sorted(attached - wanted):
            making.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)


KINDS = {"Roles": ("Role", "RoleName"), "Users": ("User", "UserName"), "Groups": ("Group", "GroupName")}


@resource_type
class Policy(ResourceType):
    """An inline policy put into roles, users and groups."""

    name = "AWS::IAM::Policy"
    properties = ("PolicyName", "PolicyDocument", *KINDS)
    required = ("PolicyName", "PolicyDocument")
    replaced_by = ("PolicyName",)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Put it into each."""
        for list_name, (kind, parameter) in KINDS.items():
            for identity in properties.get(list_name) or []:
                making.call(
                    "iam",
                    f"Put{kind}Policy",
                    PolicyName=properties["PolicyName"],
                    PolicyDocument=document(properties["PolicyDocument"]),
                    **{parameter: identity},
                )
        return Made(making.name(100))

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew, and take it from those that are no longer named."""
        self.create(making, new)
        gone = {name: [item for item in old.get(name) or [] if item not in (new.get(name) or [])] for name in KINDS}
        self.delete(making, made, {"PolicyName": old["PolicyName"], **gone})
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Take it from each."""
        for list_name, (kind, parameter) in KINDS.items():
            for identity in properties.get(list_name) or []:
                arguments = {"PolicyName": properties["PolicyName"], parameter: identity}

                def take(operation: str = f"Delete{kind}Policy", arguments: dict[str, str] = arguments) -> None:
                    making.call("iam", operation, **arguments)

                ignoring(GONE, take)


@resource_type
class ManagedPolicy(ResourceType):
    """A managed policy, attached to roles, users and groups; Ref is its ARN."""

    name = "AWS::IAM::ManagedPolicy"
    properties = ("ManagedPolicyName", "Description", "Path", "PolicyDocument", *KINDS)
    required = ("PolicyDocument",)
    replaced_by = ("ManagedPolicyName", "Description", "Path")
    name_property = "ManagedPolicyName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreatePolicy, and attach it."""
        policy = making.call(
            "iam",
            "CreatePolicy",
            PolicyName=properties.get("ManagedPolicyName") or making.name(128),
            PolicyDocument=document(properties["PolicyDocument"]),
            **only(properties, "Description", "Path"),
        )["Policy"]
        self._attach(making, policy["Arn"], {}, properties)
        return Made(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """A new default version in the place of the old one."""
        if old["PolicyDocument"] != new["PolicyDocument"]:
            versions = making.call("iam", "ListPolicyVersions", PolicyArn=made.physical_id)["Versions"]
            text = document(new["PolicyDocument"])
            making.call(
                "iam", "CreatePolicyVersion", PolicyArn=made.physical_id, PolicyDocument=text, SetAsDefault=True
            )
            for version in versions:
                identifier = version["VersionId"]
                making.call("iam", "DeletePolicyVersion", PolicyArn=made.physical_id, VersionId=identifier)
        self._attach(making, made.physical_id, old, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Detach and delete it."""

        def delete() -> None:
            self._attach(making, made.physical_id, properties, {})
            making.call("iam", "DeletePolicy", PolicyArn=made.physical_id)

        ignoring(GONE, delete)

    @staticmethod
    def _attach(making: Making, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        for list_name, (kind, parameter) in KINDS.items():
            before, after = set(old.get(list_name) or []), set(new.get(list_name) or [])
            for identity in sorted(after - before):
                making.call("iam", f"Attach{kind}Policy", PolicyArn=arn, **{parameter: identity})
            for identity in sorted(before - after):
                making.call("iam", f"Detach{kind}Policy", PolicyArn=arn, **{parameter: identity})
