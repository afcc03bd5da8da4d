"""The validators that look over templates and policies: cloudformation-validate with our Guard rules, cfn-lint, parliament."""

import functools
import json
from dataclasses import dataclass
from typing import Any

import parliament
from cfnlint import api as cfnlint
from cfnlint.config import ManualArgs
from cloudformation_validate import (
    CompositeEngine,
    CompositeEngineConfig,
    PseudoParameterOverrides,
    Severity,
    TemplateContent,
    ValidateConfig,
    file_to_external_rule_source,
)

from infra.rendering import EVERYTHING, HUB_ACCOUNT, PLACES, REGION
from infra.template import INFRA, Template, as_json

BOUNDARY = f"arn:aws:iam::{HUB_ACCOUNT}:policy/boundary"

# Every optional parameter has a value: the validator takes an empty default for what will be deployed.
_ALL_PARAMETERS = {
    "hub.yaml": EVERYTHING["hub.yaml"]
    | {
        "MakeObservabilitySink": "yes",
        "RunbookUrl": "https://example.com/runbook",
        "AlarmTopicArn": f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:alarms",
        "PermissionsBoundaryArn": BOUNDARY,
        "MemberExternalId": "external",
    },
    "member.yaml": EVERYTHING["member.yaml"]
    | {
        "ObservabilitySink": f"arn:aws:oam:{REGION}:{HUB_ACCOUNT}:sink/0a1b2c3d",
        "PermissionsBoundaryArn": BOUNDARY,
        "ExternalId": "external",
    },
    "management.yaml": EVERYTHING["management.yaml"] | {"PermissionsBoundaryArn": BOUNDARY},
    "stackset.yaml": EVERYTHING["stackset.yaml"]
    | {
        "ObservabilitySink": f"arn:aws:oam:{REGION}:{HUB_ACCOUNT}:sink/0a1b2c3d",
        "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess",
        "ExternalId": "external",
    },
}

# Condition keys that parliament doesn't know yet. Source: Route 53 Developer Guide, "Using IAM policy conditions for
# fine-grained access control"; Service Authorization Reference, "Amazon Route 53 Profiles".
_NEW_KEYS = {
    "AssociateResourceToProfile": ["route53profiles:ResourceTypes"],
    "DisassociateResourceFromProfile": ["route53profiles:ResourceTypes"],
}


# Either of several will do, whereas parliament asks for all: a zone or a health check; an alarm, or every one, without which
# CloudWatch neither shows nor takes composite alarms (CloudWatch API reference, DescribeAlarms and PutCompositeAlarm).
_ALTERNATIVES = (
    ("route53", "ChangeTagsForResource"),
    ("cloudwatch", "DescribeAlarms"),
    ("cloudwatch", "PutCompositeAlarm"),
)


def _teach_alternatives() -> None:
    for service, action in _ALTERNATIVES:
        (found,) = (known for known in parliament.iam_definition if known["prefix"] == service)
        (privilege,) = (known for known in found["privileges"] if known["privilege"] == action)
        for resource in privilege["resource_types"]:
            resource["resource_type"] = resource["resource_type"].rstrip("*")


def _teach_new_keys() -> None:
    (profiles,) = (service for service in parliament.iam_definition if service["prefix"] == "route53profiles")
    for privilege in profiles["privileges"]:
        for resource in privilege["resource_types"]:
            resource["condition_keys"] += _NEW_KEYS.get(privilege["privilege"], [])
    for key in {key for keys in _NEW_KEYS.values() for key in keys}:
        profiles["conditions"].append({"condition": key, "description": "", "type": "String"})


_teach_new_keys()
_teach_alternatives()

# The function's zip is a local path: `aws cloudformation package` replaces it.
_EXPECTED = "W3002"


@dataclass(frozen=True)
class Finding:
    """What a validator complains about."""

    rule: str
    message: str


@functools.cache
def _engine() -> CompositeEngine:
    rules = [file_to_external_rule_source(path) for path in sorted((INFRA / "guard").glob("*.guard"))]
    return CompositeEngine(CompositeEngineConfig(guard_rules=rules))


def guard_rules() -> set[str]:
    """Names of all our Guard rules."""
    return {rule.id for rule in _engine().list_rules() if rule.origin.name == "GUARD"}


def by_cloudformation_validate(name: str, template: Template) -> list[Finding]:
    """Warnings and worse of AWS's validator and of our Guard rules."""
    account, region = PLACES[name]
    report = _engine().validate_template(
        TemplateContent(as_json(template), name),
        ValidateConfig(
            severity_level=Severity.WARN,
            parameter_overrides=_ALL_PARAMETERS[name],
            pseudo_parameter_overrides=PseudoParameterOverrides(account_id=account, region=region),
        ),
    )
    if report.status.name != "OK":
        return [Finding(report.status.name, "the validator did not come to an end"), *_findings(report)]
    return _findings(report)


def _findings(report: Any) -> list[Finding]:
    return [Finding(found.rule_id, found.message) for found in report.diagnostics if found.rule_id != _EXPECTED]


def by_cfn_lint(template: Template) -> list[Finding]:
    """Errors and warnings of cfn-lint."""
    found = cfnlint.lint(as_json(template), config=ManualArgs(regions=[REGION], ignore_checks=[_EXPECTED]))
    return [Finding(match.rule.id, match.message) for match in found]


def by_parliament(document: dict[str, Any]) -> list[Finding]:
    """Findings of parliament in one rendered policy."""
    analysis = parliament.analyze_policy_string(json.dumps(document))
    return [Finding(found.issue, str(found.detail)) for found in analysis.findings]
