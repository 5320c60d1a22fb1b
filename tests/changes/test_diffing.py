"""Diffs: the hunks of `diff -u`, nothing of what no person changes, no secret, bounded whatever the object holds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tui.changes.diffing import WIDEST, diff, unified
from tui.changes.merging import merge_patch, merged, way_back
from tui.model.changes import DiffLine
from tui.model.kube import PODS, KindRef
from tui.model.secrets import LAST_APPLIED

SECRETS = KindRef("", "v1", "secrets", "Secret")


def shown(lines: Any) -> list[str]:
    return [line.text if line.sign == "@" else line.sign + line.text for line in lines]


def test_hunks_are_those_of_diff_u() -> None:
    old = [str(n) for n in range(30)]
    new = [*old[:5], "five and a half", *old[5:20], *old[21:]]
    assert shown(unified(old, new)) == [
        "@@ -3,6 +3,7 @@", " 2", " 3", " 4", "+five and a half", " 5", " 6", " 7",
        "@@ -18,7 +19,6 @@", " 17", " 18", " 19", "-20", " 21", " 22", " 23",
    ]  # fmt: skip
    assert shown(unified(old, old)) == []
    assert shown(unified([], ["a"])) == ["@@ -0,0 +1,1 @@", "+a"]


def test_a_diff_put_onto_the_old_text_gives_the_new_one() -> None:
    rng = random.Random(3)
    for _ in range(200):
        old = [rng.choice("abcdef") for _ in range(rng.randrange(40))]
        new = [line for line in old if rng.random() > 0.2]
        for _ in range(rng.randrange(5)):
            new.insert(rng.randrange(len(new) + 1), rng.choice("abcxyz"))
        assert _patched(old, list(unified(old, new))) == new


def _patched(old: list[str], lines: list[DiffLine]) -> list[str]:
    result: list[str] = []
    at = 0
    for line in lines:
        if line.sign == "@":
            start, count = line.text.split()[1][1:].split(",")
            begin = int(start) - (1 if int(count) else 0)
            result += old[at:begin]
            at = begin
        elif line.sign == "+":
            result.append(line.text)
        else:
            assert old[at] == line.text
            if line.sign == " ":
                result.append(line.text)
            at += 1
    return result + old[at:]


def test_what_nobody_changes_is_left_out() -> None:
    before = {
        "kind": "Pod",
        "metadata": {"name": "a", "resourceVersion": "1", "generation": 1, "managedFields": [1]},
        "status": {"phase": "Running"},
    }
    after = {
        **before,
        "metadata": {"name": "a", "resourceVersion": "2", "generation": 2},
        "status": {"phase": "Failed"},
    }
    assert diff(PODS, before, after) == ()


def test_secrets_are_told_apart_and_not_shown() -> None:
    applied: dict[str, Any] = {"metadata": {"annotations": {LAST_APPLIED: "c2VjcmV0"}}}
    others: dict[str, Any] = {"metadata": {"annotations": {LAST_APPLIED: "x"}}}
    before = {"data": {"a": "c2VjcmV0", "b": "c2FtZQ==", "old": "b2xk"}, **applied}
    after = {"data": {"a": "bmV3", "b": "c2FtZQ=="}, "stringData": {"n": "plain"}, **others}
    lines = shown(diff(SECRETS, before, after))
    assert "-  a: •••• (before)" in lines
    assert "+  a: •••• (after)" in lines
    assert "-  old: ••••" in lines
    text = "\n".join(lines)
    assert not any(value in text for value in ("c2VjcmV0", "bmV3", "c2FtZQ", "b2xk", "plain"))


def test_a_megabyte_in_one_line_is_cut_and_many_lines_are_bounded() -> None:
    huge = diff(PODS, {"data": {"a": "x" * 1_000_000}}, {"data": {"a": "y" * 1_000_000}})
    assert max(len(line.text) for line in huge) == WIDEST
    many = diff(PODS, {"d": "\n".join(f"a{n}" for n in range(9_000))}, {"d": "\n".join(f"b{n}" for n in range(9_000))})
    assert sum(line.sign == "-" for line in many) >= 9_000  # told as replaced, without comparing line with line


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1, "b": 2}, {"a": 1}, {"b": None}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 3}}, {"a": {"y": 3}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
    ],
)
def test_a_merge_patch_leads_from_one_to_the_other(old: Any, new: Any, patch: Any) -> None:
    assert merge_patch(old, new) == patch
    assert merged(old, patch) == new


def test_the_way_back_leaves_what_others_own() -> None:
    before = {"kind": "X", "metadata": {"name": "a", "labels": {"l": "1"}, "resourceVersion": "1"}, "spec": {"a": 1}}
    after = {"kind": "X", "metadata": {"name": "a", "labels": {"l": "2"}, "resourceVersion": "9"}, "spec": {"a": 2}}
    after["status"] = {"b": 1}
    assert way_back(before, after) == {"spec": {"a": 1}, "metadata": {"labels": {"l": "1"}}}
