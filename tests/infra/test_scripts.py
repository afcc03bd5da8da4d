"""infra/scripts: the same binary is the same zip, and a release is whole."""

import hashlib
import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from infra.template import INFRA, REPOSITORY

SCRIPTS = INFRA / "scripts"
FUNCTIONS = sorted(folder.name for folder in (REPOSITORY / "functions").iterdir() if folder.is_dir())
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def build(folder: Path, code: bytes, moment: tuple[int, int, int, int, int, int]) -> Path:
    """Zips as cargo-lambda makes them: with the time of the build inside."""
    for name in FUNCTIONS:
        package = folder / name / "bootstrap.zip"
        package.parent.mkdir(parents=True)
        with zipfile.ZipFile(package, "w") as made:
            entry = zipfile.ZipInfo("bootstrap", moment)
            entry.external_attr = 0o100700 << 16
            made.writestr(entry, code + name.encode())
    return folder


def packed(folder: Path, to: Path, **environment: str) -> dict[str, str]:
    """Hashes of the zips that the script makes."""
    subprocess.run([SCRIPTS / "zip", folder, to], check=True, env=os.environ | environment)
    return {name: hashlib.sha256((to / name / "bootstrap.zip").read_bytes()).hexdigest() for name in FUNCTIONS}


def test_the_same_source_has_the_same_hash_whenever_and_wherever_it_is_built(tmp_path):
    first = build(tmp_path / "first", b"code of ", (2026, 11, 1, 8, 0, 0))
    second = build(tmp_path / "second", b"code of ", (2027, 1, 2, 9, 30, 10))
    assert (first / "sync-dns/bootstrap.zip").read_bytes() != (second / "sync-dns/bootstrap.zip").read_bytes()
    made = packed(first, tmp_path / "a", TZ="Asia/Tokyo")
    time.sleep(2)  # the resolution of a zip's times
    assert packed(second, tmp_path / "b", TZ="America/Lima", LC_ALL="C") == made
    third = build(tmp_path / "third", b"other code of ", (2026, 11, 1, 8, 0, 0))
    assert not set(packed(third, tmp_path / "c").values()) & set(made.values())


def test_a_zip_has_what_lambda_runs(tmp_path):
    packed(build(tmp_path / "built", b"code of ", (2026, 11, 1, 8, 0, 0)), tmp_path / "zips")
    with zipfile.ZipFile(tmp_path / "zips/tag-resources/bootstrap.zip") as found:
        [entry] = found.infolist()
        assert found.read(entry) == b"code of tag-resources"
    assert (entry.filename, entry.external_attr >> 16 & 0o777) == ("bootstrap", 0o755)
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_a_function_that_was_not_built_is_told(tmp_path):
    built = build(tmp_path / "built", b"", (2026, 11, 1, 8, 0, 0))
    shutil.rmtree(built / "sync-dns")
    done = subprocess.run([SCRIPTS / "zip", built, tmp_path / "z"], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "sync-dns/bootstrap.zip is missing: run `make build`" in done.stderr


@pytest.mark.skipif(shutil.which("cargo") is None, reason="licences are listed by cargo")
def test_a_release_is_whole(tmp_path):
    for architecture in ("arm64", "x86_64"):
        build(tmp_path / f"lambda-{architecture}", architecture.encode(), (2026, 11, 1, 8, 0, 0))
    (tmp_path / "sbom").mkdir()
    (tmp_path / "sbom/sync-dns.cdx.json").write_text("{}")
    places = {"LAMBDA_DIR": "lambda", "SBOM_DIR": "sbom", "DIST": "dist", "OUT": "out"}
    environment = {name: str(tmp_path / place) for name, place in places.items()}
    path = f"{REPOSITORY / '.venv/bin'}:{os.environ['PATH']}"
    subprocess.run([SCRIPTS / "dist"], check=True, env=os.environ | environment | {"PATH": path})
    files = {str(path.relative_to(tmp_path / "dist")) for path in (tmp_path / "dist").rglob("*") if path.is_file()}
    zips = {f"{name}-{architecture}.zip" for name in FUNCTIONS for architecture in ("arm64", "x86_64")}
    templates = {"hub.yaml", "member.yaml", "management.yaml", "stackset.yaml", "scp-protect.json"}
    documents = {"drawbridge.schema.json", "drawbridge.cedarschema", "LICENSE", "LICENCES.txt", "SHA256SUMS"}
    others = {"sbom/sync-dns.cdx.json", "terraform/main.tf", "policies/members-only.cedar"}
    assert files >= zips | templates | documents | others
    sums = (tmp_path / "dist/SHA256SUMS").read_text()
    assert {line.split("  ")[1] for line in sums.splitlines()} == files - {"SHA256SUMS"}
    subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], check=True, cwd=tmp_path / "dist")
    assert re.search(r"^serde@|^serde ", (tmp_path / "dist/LICENCES.txt").read_text(), re.MULTILINE)


def test_each_verb_is_a_rule():
    for verb in ("package", "deploy", "deploy-code", "diff", "destroy", "dist"):
        assert re.search(rf"^{verb}:.*## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.iterdir()))
def test_a_script_is_read_by_bash_and_ends_at_a_fault(script):
    path = SCRIPTS / script
    subprocess.run(["bash", "-n", path], check=True)
    text = path.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text or 'source "$(dirname "${BASH_SOURCE[0]}")/common.sh"' in text
    assert os.access(path, os.X_OK) == (script != "common.sh")


@pytest.mark.parametrize(
    ("script", "environment", "told"),
    [
        ("deploy", {}, "BUCKET is missing"),
        ("deploy-code", {}, "FUNCTION is missing"),
        ("deploy-code", {"FUNCTION": "nobody"}, "run `make build`"),
        ("package", {"PART": "hubs"}, "PART has to be"),
    ],
)
def test_what_is_missing_is_told(script, environment, told):
    kept = {name: value for name, value in os.environ.items() if name not in ("BUCKET", "FUNCTION", "PART")}
    done = subprocess.run([SCRIPTS / script], check=False, env=kept | environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert told in done.stderr
