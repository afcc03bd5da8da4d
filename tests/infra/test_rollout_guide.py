"""docs/rollout.md names files, verbs, parameters and headings that are there."""

import re

import pytest

from infra.template import INFRA, REPOSITORY, read
from infra.test_readme import commands, faults

GUIDE = (REPOSITORY / "docs/rollout.md").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
README = (INFRA / "README.md").read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors of headings, as they are made for Markdown."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(text: str) -> set[str]:
    """Links that lead nowhere."""
    broken = set()
    for link in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = link.partition("#")
        file = REPOSITORY / "docs" / name if name else REPOSITORY / "docs/rollout.md"
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.add(link)
    return broken


def unknown(text: str) -> set[str]:
    """Verbs, parameter files' parameters and files that aren't there."""
    verbs = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)) | {"package", "diff", "deploy"}
    found = {
        verb for verb in re.findall(r"(?:^    |`)(?:\w+=\S+ )?make ([a-z-]+)", text, re.MULTILINE) if verb not in verbs
    }
    for part, template in (("hub", "hub.yaml"), ("management", "management.yaml"), ("stackset", "stackset.yaml")):
        [listed] = re.findall(rf"# {part}\.parameters\n((?:    \w+=.*\n)+)", text)
        found |= set(re.findall(r"^    (\w+)=", listed, re.MULTILINE)) - set(read(template)["Parameters"])
    paths = re.findall(r"`((?:infra|tests)/[\w./-]+)`", text)
    return found | {path for path in paths if not (REPOSITORY / path).exists()}


def test_its_links_lead_somewhere():
    assert broken_links(GUIDE) == set()
    assert broken_links(GUIDE.replace("#protect-it", "#protected")) == {"../infra/README.md#protected"}


def test_what_it_names_is_there():
    assert unknown(GUIDE) == set()
    assert unknown(GUIDE.replace("make destroy`", "make remove`")) == {"remove"}
    assert unknown(GUIDE.replace("    HubRegion=", "    Region=")) == {"Region"}


@pytest.mark.parametrize(
    "command", [f"aws {line}" for line in re.findall(r"^ +aws ([^#\n]*?)\s*(?:#.*)?$", GUIDE, re.MULTILINE)]
)
def test_the_cli_knows_its_commands(command):
    assert commands(f"```sh\n{command}\n```") == [command]
    assert faults(command) == []


def test_each_part_has_the_parameters_that_it_cannot_do_without():
    for part in ("hub", "management", "stackset"):
        [listed] = re.findall(rf"# {part}\.parameters\n((?:    \w+=.*\n)+)", GUIDE)
        given = set(re.findall(r"^    (\w+)=", listed, re.MULTILINE)) | {"TemplateUrl"}
        needed = {name for name, shown in read(f"{part}.yaml")["Parameters"].items() if "Default" not in shown}
        assert needed <= given
