"""The two handlers: the function of this repository, and the boto3 handler in `baseline/`."""

from __future__ import annotations

import sys
from pathlib import Path

from emulator.clients import HUB, REGION

from .handler import Handler
from .world import BUS

OURS = "Drawbridge"
BASELINE = "boto3"
BOOTSTRAP = Path(__file__).resolve().parent / "baseline/bootstrap.py"

CONFIGURATION = """\
version: 1
deployment: drawbridge
organization: {organization}
hub-account: "{hub}"
mode: enforce
providers:
  accounts: ["{hub}"]
  regions: [{region}]
"""
ACCEPTANCE = """\
@id("members-only")
@reason("ORG_MEMBER")
permit (principal in Drawbridge::Organization::"{organization}", action == Drawbridge::Action::"Connect", resource);
"""


def ours(binary: Path, documents: Path, organization: str) -> Handler:
    """The function's binary; its two documents are written to the folder `documents`."""
    values = {"organization": organization, "hub": HUB, "region": REGION}
    (documents / "drawbridge.yaml").write_text(CONFIGURATION.format(**values))
    (documents / "acceptance.cedar").write_text(ACCEPTANCE.format(**values))
    variables = {"DRAWBRIDGE_SOURCE": f"file:{documents}", "DRAWBRIDGE_BUS": BUS}
    return Handler(OURS, (str(binary),), variables)


def baseline() -> Handler:
    """The boto3 handler, in the Python that runs this."""
    return Handler(BASELINE, (sys.executable, str(BOOTSTRAP)), {})
