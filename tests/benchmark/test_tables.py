"""Turns are summed up, and the result finds its place in the document."""

from __future__ import annotations

from collections import Counter

import pytest

from .comparison import Comparison
from .document import PERFORMANCE, NoSuchSection, fill
from .handler import Cost
from .machine import Binary, Machine
from .tables import write
from .turn import Case, Sample, Turn
from .world import NotDone

MACHINE = Machine("2026-11-23 10:00 UTC", "a processor", 2, 8.0, "6.0", 0.5, "3.11", "1.44")
BINARY = Binary("target/bootstrap", 5_000_000, 2_000_000)
READ = Counter(DescribeVpcEndpointConnections=1)


def turn(milliseconds: float, calls: Counter[str] = READ) -> Turn:
    cost = Cost(milliseconds, milliseconds / 2)
    return Turn(cost, {case: [Sample(cost, calls)] for case in Case}, peak_mib=milliseconds)


def test_ratio_compares_turns_of_the_same_round():
    row = Comparison([turn(1), turn(4), turn(2)], [turn(10), turn(10), turn(40)]).row(lambda turn: turn.start.wall_ms)
    assert (row.ours.middle, row.ours.least, row.ours.most) == (2, 1, 4)
    assert (row.ratio.middle, row.ratio.least, row.ratio.most) == (0.1, 0.05, 0.4)


def test_time_of_a_case_is_the_middle_and_its_cpu_the_mean():
    made = turn(1)
    made.samples[Case.WARM] = [Sample(Cost(wall, cpu), READ) for wall, cpu in ((1, 1), (2, 1), (9, 4))]
    assert (made.wall_ms(Case.WARM), made.cpu_ms(Case.WARM)) == (2, 2)


def test_tables_name_the_command_the_machine_the_binary_and_the_calls():
    comparison = Comparison([turn(1, Counter(CreateTags=1, PutEvents=1, Odd=2))], [turn(10)])
    text = write(comparison, MACHINE, BINARY, "the command")
    for part in ("`the command`", "a processor, 2 cores", "5.00 MB, zipped 2.00 MB", "4: tags, events, 2 Odd"):
        assert part in text
    assert "| peak memory, MiB | 1.00 (1.00–1.00) | 10.0 (10.0–10.0) | 0.100 (0.100–0.100) |" in text


def test_calls_that_differ_within_a_turn_stop_the_benchmark():
    made = turn(1)
    made.samples[Case.WARM].append(Sample(Cost(1, 1), Counter(CreateTags=1)))
    with pytest.raises(NotDone, match="owner known: once"):
        made.calls(Case.WARM)


def test_calls_that_differ_between_rounds_stop_the_benchmark():
    comparison = Comparison([turn(1), turn(1, Counter(CreateTags=1))], [turn(1), turn(1)])
    with pytest.raises(NotDone, match="the rounds made different calls"):
        write(comparison, MACHINE, BINARY, "the command")


def test_section_is_replaced_and_the_rest_of_the_document_stays():
    document = "before\n<!-- measured: a -->\nold\n<!-- end: a -->\nafter\n"
    filled = fill(document, "a", "new\n")
    assert filled == "before\n<!-- measured: a -->\n\nnew\n\n<!-- end: a -->\nafter\n"
    assert fill(filled, "a", "new") == filled


def test_document_without_the_section_is_refused():
    with pytest.raises(NoSuchSection):
        fill("nothing here", "a", "new")


@pytest.mark.parametrize("section", ["handlers", "core", "release-profile"])
def test_document_about_performance_has_a_place_for_each_measurement(section):
    assert "new" in fill(PERFORMANCE.read_text(), section, "new")
