"""What roles did is compared with their policies in both directions, and each disagreement is told."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from recorded_session import RecordedSession

from infra.permission import actions
from infra.recorded_calls import FUNCTION_ROLES, MEMBER_ROLE, Line, beyond, disagreement, idle, in_files, policies
from infra.unreached import UNREACHED

SYNC = FUNCTION_ROLES["sync-dns"]
SWEEP = ("hub.yaml", "SweepRole")


def let(*names: str, session: str = "") -> dict:
    """A statement, for sessions of one name only if there is one."""
    condition = {"Condition": {"StringLike": {"aws:userid": f"*:{session}*"}}} if session else {}
    return {"Sid": "S", "Effect": "Allow", "Action": list(names), "Resource": "*", **condition}


# Policies as small as they can be.
SMALL = {
    **{role: [] for role in FUNCTION_ROLES.values()},
    SYNC: [let("route53:ListHostedZones", "ec2:DescribeVpcs")],
    MEMBER_ROLE: [let("ec2:DescribeVpcs"), let("route53:ListHostedZones", session="sync-dns")],
    SWEEP: [let("events:PutEvents")],
}


def did(role: tuple[str, str], action: str, session: str = "sync-dns", judged: bool = True) -> list[Line]:
    """A call, which the emulator has judged."""
    return [Line(role, session, action, called) for called in ((True, False) if judged else (True,))]


EVERYTHING = [
    *did(SYNC, "route53:ListHostedZones"),
    *did(MEMBER_ROLE, "ec2:DescribeVpcs"),
    Line(SWEEP, "", "events:PutEvents", called=False),
]


def test_what_is_used_and_let_agrees():
    assert disagreement(EVERYTHING, SMALL, {}, whole=True) == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (did(SYNC, "ec2:DeleteVpc"), "called ec2:DeleteVpc as sync-dns, and no statement names it"),
        (did(MEMBER_ROLE, "route53:ListHostedZones", "tag-resources"), "as tag-resources, and no statement names it"),
        (
            [Line(SWEEP, "", "sqs:SendMessage", called=False)],
            "was asked for sqs:SendMessage, and no statement names it",
        ),
        (did(SYNC, "ec2:DescribeVpcs", judged=False), "the emulator did not ask whether it may"),
        (did(MEMBER_ROLE, "ec2:DescribeVpcs", "tag-resources", judged=False), "the emulator did not ask"),
    ],
)
def test_what_a_role_does_beyond_its_policies_is_told(lines, told):
    assert any(told in complaint for complaint in beyond(lines, SMALL))
    assert beyond(EVERYTHING, SMALL) == []


def test_who_one_is_may_always_be_asked():
    assert beyond(did(SYNC, "sts:GetCallerIdentity", judged=False), SMALL) == []


def test_what_a_role_never_does_is_told_when_all_tests_ran():
    some = [line for line in EVERYTHING if line.role != SWEEP]
    assert disagreement(some, SMALL, {}, whole=False) == []
    [told] = disagreement(some, SMALL, {}, whole=True)
    assert told.startswith("SweepRole of hub.yaml never did events:PutEvents")
    assert disagreement(some, SMALL, {SWEEP: {"events:PutEvents": "why"}}, whole=True) == []


def test_what_a_role_was_refused_it_has_not_done():
    refused = Line(SWEEP, "", "events:PutEvents", called=False, allowed=False)
    assert idle([*EVERYTHING, refused], SMALL)[SWEEP] == set()
    assert idle([refused], SMALL)[SWEEP] == {"events:PutEvents"}


def test_a_function_does_the_same_in_the_hub_and_elsewhere():
    assert idle(EVERYTHING, SMALL)[SYNC] == idle(EVERYTHING, SMALL)[MEMBER_ROLE] == set()
    assert idle([], SMALL)[MEMBER_ROLE] == {"ec2:DescribeVpcs", "route53:ListHostedZones"}


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_done_and_is_said_to_be_unreached_is_told(whole):
    [told] = disagreement(EVERYTHING, SMALL, {SWEEP: {"events:PutEvents": "why"}}, whole)
    assert told == "SweepRole of hub.yaml did events:PutEvents: unreached.py says no test can"


def test_what_is_said_to_be_unreached_is_in_the_policy_and_has_a_reason():
    of = policies()
    for role, reasons in UNREACHED.items():
        assert set(reasons) <= actions(of[role])
        assert all(reasons.values())


def test_the_list_of_what_is_unreached_is_short():
    names = sum(len(actions(statements)) for statements in policies().values())
    assert 20 * sum(map(len, UNREACHED.values())) < names


def written(tmp_path: Path, **entry: object) -> list[Line]:
    """What is read of a line that the emulator wrote."""
    file = tmp_path / "gw0.jsonl"
    file.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    return in_files([file])


@pytest.mark.parametrize(
    ("role", "known"),
    [
        ("222222222222:role/drawbridge-sync-dns-eu-west-1", SYNC),
        ("444444444444:role/drawbridge-member", MEMBER_ROLE),
        ("333333333333:role/drawbridge-forwarder-us-east-1", ("member.yaml", "ForwarderRole")),
        ("222222222222:role/drawbridge-forwarder-eu-west-1", ("hub.yaml", "ForwarderRole")),
        ("111111111111:role/drawbridge-forwarder-organization-us-east-1", ("management.yaml", "ForwarderRole")),
    ],
)
def test_a_role_is_known_by_account_and_name_whatever_its_region(tmp_path, role, known):
    [line] = written(tmp_path, role=f"arn:aws:iam::{role}", session="", asked="sts:AssumeRole", allowed=True)
    assert line == Line(known, "", "sts:AssumeRole", called=False)


def test_a_role_of_somebody_else_is_passed_over(tmp_path):
    assert written(tmp_path, role="arn:aws:iam::444444444444:role/developer", session="alice", called="ec2:X") == []
    # In an account where our templates make no such role.
    ours = "arn:aws:iam::444444444444:role/drawbridge-sync-dns-eu-west-1"
    assert written(tmp_path, role=ours, session="", called="ec2:X") == []


def test_an_operation_is_named_as_iam_names_it(tmp_path):
    role = "arn:aws:iam::222222222222:role/drawbridge-tag-resources-eu-west-1"
    [line] = written(tmp_path, role=role, session="s", called="elbv2:AddTags")
    assert (line.action, line.called) == ("elasticloadbalancing:AddTags", True)


# The end of the tests.
@pytest.fixture
def end_to_end(tmp_path: Path) -> Path:
    """A folder with two files of tests."""
    folder = tmp_path / "tests" / "end_to_end"
    (folder / "dns").mkdir(parents=True)
    for name in ("test_one.py", "dns/test_two.py"):
        (folder / name).touch()
    return folder


def ran(session: RecordedSession, name: str, outcome: str = "passed", when: str = "call") -> None:
    """A test was reported."""
    nodeid = f"tests/end_to_end/{name}::test_it"
    session.pytest_runtest_logreport(SimpleNamespace(nodeid=nodeid, passed=outcome == "passed", when=when))


def config(*args: str, **options: object) -> SimpleNamespace:
    """What pytest was asked for."""
    return SimpleNamespace(args=list(args), getoption=lambda name, default: options.get(name, default))


def test_the_whole_has_run_when_every_file_has_and_nothing_failed(end_to_end, tmp_path):
    session = RecordedSession(end_to_end, tmp_path)
    ran(session, "test_one.py")
    assert session.part(config()) == "end_to_end/dns/test_two.py did not run"
    ran(session, "dns/test_two.py", when="setup")
    assert session.part(config()) is not None
    ran(session, "dns/test_two.py")
    assert session.part(config()) is None
    assert session.part(config("tests/end_to_end/test_one.py::test_it")) is not None
    assert session.part(config(keyword="name")) is not None
    ran(session, "test_one.py", "failed")
    assert session.part(config()) == "tests of end_to_end/test_one.py failed or were skipped"


def finished(session: RecordedSession, **options: object) -> SimpleNamespace:
    """The end, as pytest has it."""
    end = SimpleNamespace(config=config(**options), exitstatus=0)
    session.pytest_sessionfinish(end)
    return end


def test_a_disagreement_of_any_worker_fails_the_tests(end_to_end, tmp_path):
    session = RecordedSession(end_to_end, tmp_path)
    assert (finished(session).exitstatus, session.told) == (0, [])
    written(
        tmp_path, role="arn:aws:iam::444444444444:role/drawbridge-member", session="sync-dns", called="ec2:RunInstances"
    )
    assert finished(session).exitstatus == pytest.ExitCode.TESTS_FAILED
    assert session.told[0].startswith("MemberRole of member.yaml called ec2:RunInstances as sync-dns")
    assert "in one direction, as end_to_end/dns/test_two.py did not run: 1 disagreements" in session.told[-1]
