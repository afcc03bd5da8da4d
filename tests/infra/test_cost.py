"""What docs/rollout.md says of costs is what infra/cost.py reckons, by the arithmetic that it names."""

import dataclasses
import re
import runpy

import pytest

from infra.template import INFRA, REPOSITORY, read, resources

COST = runpy.run_path(str(INFRA / "cost.py"))
GUIDE = (REPOSITORY / "docs/rollout.md").read_text(encoding="utf-8")
HUB = read("hub.yaml")


def table_of(guide: str) -> str:
    """The table in the guide."""
    [found] = re.findall(r"<!-- Cost: written by infra/cost.py -->\n(.*?)\n<!-- end of Cost -->", guide, re.DOTALL)
    return found


def test_the_guide_has_the_table_that_is_reckoned():
    """When it differs: `python3 infra/cost.py` prints the new one."""
    assert table_of(GUIDE) == COST["table"]()


def test_a_table_that_is_out_of_date_is_told():
    older = dataclasses.replace(COST["USUAL"], calls_an_account=1_000)
    assert table_of(GUIDE) != COST["table"](older)


def test_what_stands_is_counted_in_the_template():
    assert COST["count"]("AWS::CloudWatch::Alarm") == len(list(resources(HUB, "AWS::CloudWatch::Alarm")))
    functions = [function["MemorySize"] / 1024 for _, function in resources(HUB, "AWS::Lambda::Function")]
    assert COST["memory_gb"]() == functions
    assert COST["sweeps"]() == 30 * 24 * 4


def test_the_sum_is_that_of_its_rows():
    for line in table_of(GUIDE).splitlines()[-2:-1]:
        sums = [float(cell.strip(" *$").replace(",", "")) for cell in line.split("|")[2:-1]]
        assert sums == [round(sum(COST["items"](size).values()), 2) for size in COST["SIZES"]]


@pytest.mark.parametrize(
    ("assumption", "factor", "row"),
    [
        ("calls_an_account", 2, "calls forwarded to the hub (paid by the members)"),
        ("metrics_a_function", 2, "metrics of the functions"),
        ("decisions_an_account", 2, "decisions told and archived"),
    ],
)
def test_an_assumption_counts_as_it_says(assumption, factor, row):
    usual = COST["USUAL"]
    more = dataclasses.replace(usual, **{assumption: factor * getattr(usual, assumption)})
    assert COST["items"](1_000, more)[row] == pytest.approx(factor * COST["items"](1_000)[row])
