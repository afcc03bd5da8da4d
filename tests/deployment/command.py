"""The operator's command `drawbridge`, as `make local` leaves it, asking the hub of the local AWS."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .local_aws import LocalAws
from .stacks import ROOT, CommandFailed, NotBuilt

SOURCE = "appconfig:drawbridge/hub"


def explain(aws: LocalAws, endpoint: str) -> str:
    """What `drawbridge explain` tells about an endpoint, asked with the hub's credentials."""
    done = run(aws, "explain", endpoint)
    if done.returncode != 0:
        raise CommandFailed(f"drawbridge explain {endpoint}: {done.returncode}\n{done.stdout}{done.stderr}".strip())
    return done.stdout


def adopt(aws: LocalAws, of: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What `drawbridge adopt` says about an endpoint or a service, and how it ends."""
    return run(aws, "adopt", of, *options)


def run(aws: LocalAws, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end with the hub's credentials, and without a terminal."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [find_command(), *arguments],
        env={**inherited, **aws.environment(), "DRAWBRIDGE_SOURCE": SOURCE},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def find_command() -> Path:
    """The command that was built last; builds name their target, so it lies in that target's folder."""
    built = [*ROOT.glob("target/*/debug/drawbridge"), *ROOT.glob("target/debug/drawbridge")]
    if not built:
        raise NotBuilt("the command drawbridge is missing: run `cargo build -p drawbridge-cli`")
    return max(built, key=lambda path: path.stat().st_mtime)
