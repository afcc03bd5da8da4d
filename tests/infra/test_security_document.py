"""Every test that docs/security.md names is there: a claim without its test is told."""

import re
from pathlib import Path

from infra.template import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "security.md"


def named(text: str) -> set[str]:
    """Names in backquotes that read like a test's: four words or more."""
    return {name for name in re.findall(r"`([a-z][a-z0-9_]+)`", text) if name.count("_") >= 3}


def existing_tests(root: Path = REPOSITORY) -> set[str]:
    sources = [*(root / "shared").rglob("*.rs"), *(root / "cli").rglob("*.rs"), *(root / "tests").rglob("*.py")]
    functions = {
        name
        for path in sources
        for name in re.findall(r"\b(?:fn|def) ([a-z][a-z0-9_]+)\(", path.read_text(encoding="utf-8"))
    }
    cases = {path.name for path in (root / "tests" / "cases").glob("*/*") if path.is_dir()}
    messages = {path.stem for path in (root / "tests" / "cases" / "event").glob("*.json")}
    return functions | cases | messages


def test_every_test_that_the_document_names_is_there():
    names = named(DOCUMENT.read_text(encoding="utf-8"))
    assert len(names) > 20
    assert names - existing_tests() == set()


def test_a_test_that_is_not_there_is_told():
    assert named("shown by `nobody_would_write_a_test_of_this_name`") - existing_tests()
