"""YAML is read as plain values that know their line, and nothing dangerous or ambiguous is read at all."""

from __future__ import annotations

import datetime as dt
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.source_tree import Place, tree_of
from sim.scenario.yaml_files import MAX_BYTES, MAX_VALUES, read_file, read_text


def value(text: str):
    return read_text(text, "file").plain()


def fault(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "file.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("2018-07-01", dt.date(2018, 7, 1)),
        ("'2018-07-01'", "2018-07-01"),
        ("'12'", "12"),
        ("!!str 12", "12"),
    ],
)
def test_plain_words_become_the_values_of_the_core_schema(text, expected):
    read = value(text)
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "NO", "n", "25%", "1_000", "0x1F", "12:30", "2018-7-1"])
def test_what_only_older_yaml_takes_for_a_switch_or_a_number_is_text(word):
    assert value(word) == word


def test_infinite_and_undefined_numbers_are_read_as_such():
    assert value("-.inf") == -math.inf
    assert math.isnan(value(".nan"))


def test_a_number_of_very_many_digits_is_read_without_complaint():
    assert value("9" * 5000) == math.inf


def test_a_date_as_key_and_a_quoted_date_as_key_are_the_same():
    assert value("2018-07-01: 1") == value("'2018-07-01': 1") == {dt.date(2018, 7, 1): 1}


def test_every_value_knows_the_line_of_its_key():
    tree = read_text("a:\n  b:\n    - 1\n    - 2\n  2018-07-01:\n    c\n", "f.yaml")
    lines = {path: leaf.place.line for path, leaf in tree.leaves()}
    assert lines == {("a", "b", 0): 3, ("a", "b", 1): 4, ("a", dt.date(2018, 7, 1)): 5}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a stands here a second time (first in line 1)"),
        ("a: {b: 1, b: 2}\n", 1, "b stands here a second time"),
        ("2018-07-01: 1\n'2018-07-01': 2\n", 2, "2018-07-01 stands here a second time"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "!!python/object/apply:os.system"),
        ("a:\n  - !mine 5\n", 2, "!mine"),
        ("a: 1\nb: 2018-02-30\n", 2, "2018-02-30 is no date"),
        ("a: 1\n2018: 2\n", 2, "2018 cannot be a key"),
        ("[a]: 1\n", 1, "a key must be a name or a date"),
        ("b: &x {c: 1}\na: {<<: *x}\n", 2, "merge keys"),
        ("a: *nothing\n", 1, "nothing"),
        ("a: &x [1, *x]\n", 1, "stands inside what it refers to"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "no valid YAML"),
        ("a: 1\n\tb: 2\n", 2, "a tab stands before this entry; indent with plain spaces"),
        ("a:\n  \t- 2\n", 2, "a tab stands before this entry"),
        ("a:\n\u00a0\u00a0b: 2\n", 2, "(U+00A0) stands before this entry"),
        ("a:\n  \u3000'b': 2\n", 2, "(U+3000) stands before this entry"),
        ("a:\n\u2003- 2\n", 2, "(U+2003) stands before this entry"),
        ("a: 1\npolicies:\nb: 2\n", 2, "nothing is written after `policies:`"),
    ],
)
def test_a_fault_is_reported_with_its_line(text, line, words):
    message = fault(text)
    assert message.startswith(f"file.yaml:{line}: ")
    assert words in message


def test_a_bomb_of_aliases_is_refused():
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    assert f"more than {MAX_VALUES:,} values" in fault(text)


def test_aliases_that_nest_deeper_and_deeper_are_refused():
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000))
    assert "inside each other" in fault(text)


@pytest.mark.parametrize("bracket", ["[", "{a: "])
def test_a_bomb_of_brackets_is_refused(bracket):
    assert "inside each other" in fault(bracket * 20_000)


def test_an_alias_gives_the_value_at_the_line_where_it_is_used():
    tree = read_text("a: &x 5\nb: *x\n", "f.yaml")
    assert tree.plain() == {"a": 5, "b": 5}
    assert tree.nearest(("b",)).place == Place("f.yaml", 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ":1: the file is empty"),
        (b"# only a comment\n", ":1: the file is empty"),
        (b"---\n", ":1: the file is empty"),
        (b"just words\n", ":1: expected `key: value` lines"),
        (b"- a\n- b\n", ":1: expected `key: value` lines at the top of the file, found a list"),
        (b"a: 1\nb: \xff\xfe\n", ":2: this is no text in UTF-8"),
        (b"a: 1\nb: \x00\n", ":2: this is no valid YAML"),
        (b"a: " + b"x" * MAX_BYTES, "larger than"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path, content, words):
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path):
    with pytest.raises(ScenarioError, match="is a folder"):
        read_file(tmp_path)
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_file(tmp_path / "none.yaml")
    with pytest.raises(ScenarioError, match=r"there is no such file|cannot be read"):
        read_file(tmp_path / ("x" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_file(tmp_path / "pipe.yaml")


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file(path).plain() == {"a": 1}


def test_python_data_becomes_the_same_tree_as_its_yaml():
    data = {"a": [1, 2.5, None, True, "no", "2018-07-01"], "2018-07-01": {"b": dt.date(2019, 1, 1)}}
    yaml_text = "a: [1, 2.5, null, true, 'no', '2018-07-01']\n2018-07-01: {b: 2019-01-01}\n"
    assert tree_of(data, Place("x")).plain() == value(yaml_text)


def test_numbers_of_numpy_become_plain_numbers():
    plain = tree_of({"a": np.float64(1.5), "b": np.int64(3)}, Place("x")).plain()
    assert plain == {"a": 1.5, "b": 3}
    assert type(plain["b"]) is int


@pytest.mark.parametrize("strange", [{1: 2}, {"a": object()}, 10**400, {"a": b"bytes"}, {"a": 1j}])
def test_python_data_that_no_scenario_can_hold_is_refused(strange):
    with pytest.raises(ScenarioError, match=r"--set x"):
        tree_of(strange, Place("--set x"))


def test_a_number_of_more_digits_than_python_prints_is_refused():
    with pytest.raises(ScenarioError, match="more than 18 digits"):
        tree_of(10**5000, Place("--set x"))


def test_python_data_that_contains_itself_is_refused():
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ScenarioError, match="inside each other"):
        tree_of(circle, Place("--set x"))


def refusal(call, *arguments) -> str:
    """Give the message with which a call refuses; nothing where it does not."""
    try:
        call(*arguments)
    except ScenarioError as error:
        return str(error)
    return ""


SIGNS = [*"ab:-[]{},&*!|>'\"#%@`? \n\t", "0", "a: ", "- ", "&a ", "*a ", "!!str ", "2018-01-01"]


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_value_or_a_message(text):
    message = refusal(value, text)
    assert not message or message.startswith("file:")


@settings(deadline=None)
@given(st.lists(st.sampled_from(SIGNS)))
def test_any_jumble_of_yaml_signs_gives_a_value_or_a_message(signs):
    message = refusal(value, "".join(signs))
    assert not message or message.startswith("file:")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_mapping_or_a_message(tmp_path_factory, content):
    path = Path(tmp_path_factory.mktemp("bytes") / "file.yaml")
    path.write_bytes(content)
    message = refusal(read_file, path)
    assert not message or str(path) in message
