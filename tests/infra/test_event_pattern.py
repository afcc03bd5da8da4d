"""The matcher answers as EventBridge's documentation says."""

import pytest

from infra.event_pattern import PatternError, matches

# pattern of the member "x", value of the member "x", whether it matches
COMPARISONS = [
    (["a"], "a", True),
    (["a"], "A", False),
    (["a", "b"], "b", True),
    (["a"], ["c", "a"], True),
    (["a"], ["c"], False),
    (["a"], [], False),
    ([1], 1, True),
    ([1], "1", False),
    ([1], 1.0, False),
    ([True], True, True),
    ([1], True, False),
    ([None], None, True),
    ([None], "", False),
    ([""], "", True),
    ([{"prefix": "ab"}], "abc", True),
    ([{"prefix": "ab"}], "cab", False),
    ([{"prefix": {"equals-ignore-case": "AB"}}], "abc", True),
    ([{"prefix": "1"}], 1, False),
    ([{"suffix": ".png"}], "a.png", True),
    ([{"suffix": ".png"}], "a.PNG", False),
    ([{"suffix": {"equals-ignore-case": ".png"}}], "a.PNG", True),
    ([{"equals-ignore-case": "Alice"}], "aLICE", True),
    ([{"equals-ignore-case": "Alice"}], "Bob", False),
    ([{"anything-but": "a"}], "b", True),
    ([{"anything-but": "a"}], "a", False),
    ([{"anything-but": ["a", "b"]}], "b", False),
    ([{"anything-but": 1}], 2, True),
    ([{"anything-but": 1}], "1", True),
    ([{"anything-but": "a"}], ["a", "b"], True),
    ([{"anything-but": "a"}], ["a"], False),
    ([{"anything-but": {"prefix": "drawbridge-"}}], "app", True),
    ([{"anything-but": {"prefix": "drawbridge-"}}], "drawbridge-member", False),
    ([{"anything-but": {"prefix": ["a", "b"]}}], "bc", False),
    ([{"anything-but": {"suffix": ".png"}}], "a.png", False),
    ([{"anything-but": {"equals-ignore-case": ["A", "B"]}}], "b", False),
    ([{"anything-but": {"wildcard": "*/lib/*"}}], "a/lib/b", False),
    ([{"anything-but": {"wildcard": "*/lib/*"}}], "a/b", True),
    ([{"exists": True}], "", True),
    ([{"exists": True}], None, True),
    ([{"exists": True}], {"y": 1}, False),
    ([{"exists": False}], {"y": 1}, True),
    ([{"exists": False}], "a", False),
    ([{"numeric": [">", 0, "<=", 5]}], 5, True),
    ([{"numeric": [">", 0, "<=", 5]}], 0, False),
    ([{"numeric": ["=", 3.018e2]}], 301.8, True),
    ([{"numeric": ["=", 1]}], "1", False),
    ([{"wildcard": "dir/*.png"}], "dir/a/b.png", True),
    ([{"wildcard": "dir/*.png"}], "dir/a.jpg", False),
    ([{"wildcard": "a\\*b"}], "a*b", True),
    ([{"wildcard": "a\\*b"}], "axb", False),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
    ([{"cidr": "10.0.0.0/24"}], "host", False),
    (["a", {"prefix": "b"}], "bc", True),
]


@pytest.mark.parametrize(("pattern", "value", "expected"), COMPARISONS)
def test_a_value_is_compared_as_documented(pattern, value, expected):
    assert matches({"x": pattern}, {"x": value, "other": 1}) is expected


@pytest.mark.parametrize("pattern", [["a"], [{"anything-but": "a"}], [{"prefix": "a"}], [{"exists": True}], [None]])
def test_a_member_that_is_not_there_matches_nothing_but_its_absence(pattern):
    assert not matches({"x": pattern}, {"y": "b"})
    assert matches({"x": [{"exists": False}]}, {"y": "b"})


def test_every_member_of_a_pattern_has_to_match():
    pattern = {"a": ["1"], "b": {"c": ["2"]}}
    assert matches(pattern, {"a": "1", "b": {"c": "2", "d": "3"}})
    assert not matches(pattern, {"a": "1", "b": {"c": "3"}})
    assert not matches(pattern, {"a": "1", "b": "2"})


def test_absence_holds_when_a_parent_is_absent():
    pattern = {"a": {"b": {"c": [{"exists": False}, {"anything-but": {"prefix": "x"}}]}}}
    assert matches(pattern, {})
    assert matches(pattern, {"a": {"b": "text"}})
    assert matches(pattern, {"a": {"b": {"c": "y"}}})
    assert not matches(pattern, {"a": {"b": {"c": "xy"}}})


def test_one_alternative_of_or_is_enough_and_the_rest_has_to_match_as_well():
    pattern = {"k": ["1"], "$or": [{"a": ["x"]}, {"a": ["y"], "b": ["z"]}]}
    assert matches(pattern, {"k": "1", "a": "x"})
    assert matches(pattern, {"k": "1", "a": "y", "b": "z"})
    assert not matches(pattern, {"k": "1", "a": "y"})
    assert not matches(pattern, {"k": "2", "a": "x"})


def test_in_a_list_of_objects_one_element_has_to_match_everything():
    pattern = {"x": {"a": ["1"], "b": ["2"]}}
    assert matches(pattern, {"x": [{"a": "0"}, {"a": "1", "b": "2"}]})
    assert not matches(pattern, {"x": [{"a": "1", "b": "0"}, {"a": "0", "b": "2"}]})


def test_absence_in_a_list_of_objects_is_not_guessed():
    with pytest.raises(NotImplementedError):
        matches({"x": {"a": [{"exists": False}]}}, {"x": [{"a": "1"}, {}]})


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"x": "a"},
        {"x": []},
        {"x": {}},
        {"x": [["a"]]},
        {"x": [{"like": "a"}]},
        {"x": [{"prefix": "a", "suffix": "b"}]},
        {"x": [{"exists": "no"}]},
        {"$or": [{"x": ["a"]}]},
        {"$or": {"x": ["a"]}},
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_refused(pattern):
    with pytest.raises(PatternError):
        matches(pattern, {"x": "a"})


@pytest.mark.parametrize(
    "operator",
    [
        {"prefix": 1},
        {"prefix": {"suffix": "a"}},
        {"wildcard": "a**b"},
        {"wildcard": "a\\b"},
        {"numeric": [">"]},
        {"numeric": ["~", 1]},
        {"anything-but": {"numeric": ["=", 1]}},
        {"anything-but": []},
        {"equals-ignore-case": ["a"]},
    ],
)
def test_an_operator_with_a_wrong_argument_is_refused(operator):
    with pytest.raises(PatternError):
        matches({"x": [operator]}, {"x": "a"})
