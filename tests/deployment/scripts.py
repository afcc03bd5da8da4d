"""The scripts of infra/scripts, run as an operator runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from emulator.clients import HUB, REGION

from .local_aws import LocalAws
from .stacks import ROOT

SCRIPTS = ROOT / "infra" / "scripts"
AWS = ROOT / ".venv" / "bin"


def run(
    script: str, aws: LocalAws, out: Path, account: str = HUB, region: str = REGION, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A script, with settings as its environment; nobody is there to be asked."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {"AWS_CONFIG_FILE": os.devnull, "OUT": str(out), "PATH": f"{AWS}:{os.environ['PATH']}"}
    return subprocess.run(
        [SCRIPTS / script],
        env=inherited | aws.environment(account, region) | own | settings,
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def write_parameters(path: Path, **parameters: str) -> str:
    """A file of parameters."""
    path.write_text("# of a test\n" + "".join(f"{name}={value}\n" for name, value in parameters.items()))
    return str(path)
