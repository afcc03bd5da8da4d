"""Every threat of docs/security.md names a test, and every test that it names is there: a claim without its test is told."""

import re
from pathlib import Path

from infra.template import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "security.md"


def named(text: str) -> set[str]:
    """Names in backquotes that read like a test's: four words or more."""
    return {name for name in re.findall(r"`([a-z][a-z0-9_]+)`", text) if name.count("_") >= 3}


def threats(text: str) -> list[list[str]]:
    """The rows of the table of who attacks: who, what is tried, what stops it, what shows it."""
    section = text.split("\n## Who attacks", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def untested(text: str) -> list[str]:
    """What is tried in the threats that no test is named for."""
    return [row[1] for row in threats(text) if not named(row[-1])]


def existing_tests(root: Path = REPOSITORY) -> set[str]:
    sources = [*(root / "shared").rglob("*.rs"), *(root / "cli").rglob("*.rs"), *(root / "tests").rglob("*.py")]
    functions = {
        name
        for path in sources
        for name in re.findall(r"\b(?:fn|def) ([a-z][a-z0-9_]+)\(", path.read_text(encoding="utf-8"))
    }
    cases = {path.name for path in (root / "tests" / "cases").glob("*/*") if path.is_dir()}
    messages = {path.stem for path in (root / "tests" / "cases" / "event").glob("*.json")}
    guards = [path.read_text(encoding="utf-8") for path in (root / "infra" / "guard").glob("*.guard")]
    rules = {name for text in guards for name in re.findall(r"^rule ([a-z][a-z0-9_]+) ", text, re.MULTILINE)}
    return functions | cases | messages | rules


def test_every_test_that_the_document_names_is_there():
    names = named(DOCUMENT.read_text(encoding="utf-8"))
    assert len(names) > 20
    assert names - existing_tests() == set()


def test_every_threat_names_a_test():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert len(threats(text)) > 15
    assert {len(row) for row in threats(text)} == {4}
    assert untested(text) == []


def test_a_threat_without_a_test_is_told():
    table = "\n## Who attacks\n| who | tries | stopped by | shown by |\n| --- | --- | --- | --- |\n"
    assert untested(f"{table}| a guest | to dance | the floor | common sense |\n\n## Next\n") == ["to dance"]


def test_a_test_that_is_not_there_is_told():
    assert named("shown by `nobody_would_write_a_test_of_this_name`") - existing_tests()
