"""Drawbridge as an Organization gets it: the hub, infra/management.yaml, and members by infra/stackset.yaml, in two Regions."""

from __future__ import annotations

from emulator import organization_sample
from emulator.clients import HUB, REGION
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, PROVIDER, Sample

from . import stacks
from .drawbridge import Drawbridge
from .local_aws import LocalAws

REGIONS = (REGION, ORGANIZATIONS_REGION)
STACK_SET = "drawbridge-member"


def roll_out(aws: LocalAws, mode: str = "enforce") -> Drawbridge:
    """Deploy all that there is, in the order of docs/rollout.md."""
    sample = organization_sample.build(aws.url, delegation=False)
    organization = {"OrganizationId": sample.organization_id}
    stacks.deploy_management(aws, **organization, CreateDelegationPolicy="yes")
    outputs = stacks.deploy_hub(
        aws,
        **organization,
        ManagementAccountId=MANAGEMENT,
        ProviderAccounts=f"{HUB},{PROVIDER}",
        ProviderRegions=",".join(REGIONS),
        Mode=mode,
    )
    stacks.deploy_stack_set(aws, sample.root_id, ",".join(REGIONS), **organization, ProviderRole="yes")
    return Drawbridge(aws, sample, outputs)


def elsewhere(sample: Sample, region: str) -> Sample:
    """The same Organization in another Region, without networks and services there."""
    return Sample(sample.url, region, sample.organization_id, sample.root_id, sample.units)


def instances(aws: LocalAws) -> dict[tuple[str, str], str]:
    """How the stack set stands in each account and Region."""
    pages = aws.client("cloudformation", MANAGEMENT).get_paginator("list_stack_instances")
    return {
        (one["Account"], one["Region"]): one["StackInstanceStatus"]["DetailedStatus"]
        for page in pages.paginate(StackSetName=STACK_SET)
        for one in page["Summaries"]
    }
