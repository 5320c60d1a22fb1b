"""What is masked of a Secret, wherever its values stand, and that nothing of them is left: in each of the forms in
which an object leaves the program."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from tui.changes.diffing import diff
from tui.model.bodies import obj
from tui.model.feed import Feed
from tui.model.kube import KindRef
from tui.model.objects import Body
from tui.model.secrets import ANNOTATIONS, LAST_APPLIED, MASK, is_secret, masked_words, of_secrets, sealed
from tui.present.comparing import Look, lines_of
from tui.present.describe.kinds import description
from tui.present.describe.page import plain, setting
from tui.present.yamltext import yaml_lines

SECRETS = KindRef("", "v1", "secrets", "Secret", "secret")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DOCKER = json.dumps({"auths": {"registry.example": {"auth": b64("robot:hunter2"), "password": "hunter2"}}})
SECRET: Body = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "db",
        "annotations": {
            **dict.fromkeys(sorted(ANNOTATIONS), '{"data":{"password":"aHVudGVyMg=="},"auth":"hunter2"}'),
            "a.tool/note": f"auth={b64('hunter2')}, {b64('robot:hunter2')}, {b64(DOCKER)}",
            "team": "shop",
        },
        "managedFields": [
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:password": {}}}}
        ],
    },
    "data": {"password": b64("hunter2"), ".dockerconfigjson": b64(DOCKER), "odd": "hunter2, not base64"},
    "stringData": {"user": "hunter2 zoë"},
    "binaryData": {"key": b64("hunter2" * 9)},
    "type": "kubernetes.io/dockerconfigjson",
}


def _printed(body: Body) -> str:
    return msgspec.json.encode(sealed(body, masked_words)).decode()


def _as_yaml(body: Body) -> str:
    return "\n".join(line.text for line in yaml_lines(body, managed=True))


def _described(body: Body) -> str:
    return plain(setting(description(body, Feed(()), 0.0, beside=None, shown=False), 200))


def _created(body: Body) -> str:
    return _text(diff(SECRETS, None, body))


def _deleted(body: Body) -> str:
    return _text(diff(SECRETS, body, None))


def _changed(body: Body) -> str:
    other = deepcopy(body)
    other["data"] = {key: b64("another hunter2") for key in obj(body, "data")}
    other["metadata"]["annotations"] = {**obj(body, "metadata", "annotations"), LAST_APPLIED: "hunter2"}
    return _text(diff(SECRETS, body, other)) + _text(diff(SECRETS, other, body))


def _compared(body: Body) -> str:
    other = {**body, "data": {key: b64("another hunter2") for key in obj(body, "data")}}
    return "\n".join(line.text for line in lines_of(body, other, "prod-us", Look(nature=True))[0])


def _text(lines: Any) -> str:
    return "\n".join(line.text for line in lines)


FORMS: list[Callable[[Body], str]] = [_printed, _as_yaml, _described, _created, _deleted, _changed, _compared]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_value_is_left(form: Callable[[Body], str]) -> None:
    said = form(SECRET)
    assert MASK in said
    for value in ("hunter2", b64("hunter2")[:-3], b64(DOCKER)[:20], "robot", b64("robot:hunter2")[:-3], "zoë"):
        assert value not in said


def told(note: object, data: Body | None = None, **more: Body) -> bool:
    """Whether an annotation of a tool that nobody here knows of is masked."""
    held = {"data": data if data is not None else {"password": b64("correct horse")}} | more
    body: Body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"a.tool/note": note}}} | held
    return sealed(body, masked_words)["metadata"]["annotations"]["a.tool/note"] == f"{MASK} holds the values"


NOTES: dict[str, tuple[object, bool]] = {
    "decoded": ("password is correct horse.", True),
    "encoded": (f"x{b64('correct horse')}", True),
    "encoded-unpadded": (b64("correct horse").rstrip("="), True),
    "json-data": ('{"data": {"other": "b2xk"}}', True),
    "json-stringData": ('  {"stringData": {"other": "old"}}', True),
    "json-deeper": ('[{"before": {"data": {"other": "b2xk"}}}]', True),
    "json-in-json": (json.dumps({"manifest": json.dumps({"data": {"other": "b2xk"}})}), True),
    "json-key": (json.dumps({"correct horse": 1}), True),
    "no-text": (["correct horse"], True),
    "no-json": ('{"data": {"other"', False),
    "data-is-no-mapping": ('{"data": "some"}', False),
    "a-part": ("correct", False),
    "team": ("shop", False),
    "nothing": ("", False),
    "null": (None, False),
}


@pytest.mark.parametrize(("note", "masked"), NOTES.values(), ids=NOTES)
def test_an_annotation_that_holds_a_value_is_masked_whatever_tool_wrote_it(note: object, masked: bool) -> None:
    assert told(note) is masked


@pytest.mark.parametrize(
    ("value", "note", "masked"),
    [
        ("abcdefgh", "x abcdefgh x", True),
        ("abcdefg", "x abcdefg x", False),
        ("abcdefgh\n", "abcdefgh", True),
        ('say "a" & <b>', r'{"x": "say \"a\" \u0026 \u003cb\u003e"}', True),
        ("one line\nanother", r'{"x": "one line\nanother"}', True),
        ("one line\nanother line", "key: |\n    one line\n    another line\n", True),
        ("hunter2", "stringData:\n  other: x\n", True),
        ("hunter2", "user: ana\npassword: 'hunter2'\n", True),
        ("hunter2", "postgres://ana?password=hunter2&ssl=1", True),
        ("hunter2", "hunter2", True),
        ("hunter2", "hunter22 is a car", False),
        ("p@ss/word", "postgres://ana:p%40ss%2Fword@db", True),
        ("x", '{"data": 1, "n": ' + "9" * 5000 + "}", True),
    ],
    ids=[
        "eight",
        "seven",
        "line-end",
        "escapes",
        "lines",
        "indented",
        "yaml",
        "short-yaml",
        "short-query",
        "short-alone",
        "short-part",
        "percent",
        "digits",
    ],
)
def test_a_value_is_found_as_it_was_noted_down(value: str, note: str, masked: bool) -> None:
    assert told(note, {"key": b64(value)}) is masked
    assert told(note, {}, stringData={"key": value}) is masked


def test_a_value_written_as_text_is_found_encoded() -> None:
    assert told(b64("correct horse"), {}, stringData={"key": "correct horse"})


def test_what_is_no_text_is_found_encoded_alone() -> None:
    octets = base64.b64encode(bytes(range(200, 240))).decode()
    assert told(f"key: {octets}", {"key": octets})
    assert not told("key", {"key": octets})


def test_what_is_too_much_to_look_through_is_masked() -> None:
    values = {f"key-{number}": b64(f"value number {number}") for number in range(2_000)}
    assert told("x" * 100_000, values)
    assert not told("x" * 1_000, values)


def test_a_trap_in_an_annotation_is_masked_and_harms_nobody() -> None:
    assert told("[" * 100_000)


ROTATED = {"apiVersion": "v1", "kind": "Secret", "data": {"password": b64("battery staple")}}
NOTED = {"metadata": {"annotations": {"a.tool/note": "password=correct horse", "team": "shop"}}}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_an_annotation_of_one_state_does_not_give_away_the_other(before: bool) -> None:
    rotated, old = {**ROTATED, **NOTED}, {**ROTATED, **NOTED, "data": {"password": b64("correct horse")}}
    pair = (old, rotated) if before else (rotated, old)
    lines = [line.text for line in lines_of(*pair, "prod-us", Look())[0]]
    assert any(line.endswith("•••• holds the values, the same") for line in lines)
    for said in (
        "\n".join(lines),
        _text(diff(SECRETS, *pair)),
        _text(diff(SECRETS, rotated, ROTATED | {"data": old["data"]})),
    ):
        assert "correct horse" not in said


def test_every_value_is_told_by_its_size_and_the_rest_stays() -> None:
    holds = f"{MASK} holds the values"
    assert sealed(SECRET, masked_words) == SECRET | {
        "metadata": {
            **SECRET["metadata"],
            "annotations": {**dict.fromkeys(ANNOTATIONS, holds), "a.tool/note": holds, "team": "shop"},
        },
        "data": {
            "password": f"{MASK} 7 bytes",
            ".dockerconfigjson": f"{MASK} {len(DOCKER)} bytes",
            "odd": f"{MASK} not base64",
        },
        "stringData": {"user": f"{MASK} 12 bytes"},
        "binaryData": {"key": f"{MASK} 63 bytes"},
    }


def test_what_was_read_is_left_as_it_was() -> None:
    before = deepcopy(SECRET)
    sealed(SECRET, masked_words)
    assert before == SECRET


@pytest.mark.parametrize("odd", ["hunter2", ["hunter2"], 2], ids=["text", "list", "number"])
def test_a_value_in_a_shape_it_should_not_have_is_masked_whole(odd: object) -> None:
    body: Body = {"apiVersion": "v1", "kind": "Secret", "data": odd, "metadata": {"annotations": None}}
    assert sealed(body, masked_words) == {**body, "data": MASK}
    assert "hunter2" not in _as_yaml(body) + _created(body) + _described(body)


def test_two_states_are_told_apart_wherever_a_value_stands() -> None:
    other = deepcopy(SECRET)
    other["data"]["password"] = b64("hunter3")
    other["metadata"]["annotations"]["kapp.k14s.io/original"] = "{}"
    said = {line.text.split(":")[0].strip(): line.text for line in lines_of(SECRET, other, "prod-us", Look())[0]}
    assert said["password"].endswith("•••• 7 bytes, differs from prod-us")
    assert said["user"].endswith("•••• 12 bytes, the same")
    assert said["kapp.k14s.io/original"].endswith("•••• holds the values, differs from prod-us")


def test_what_is_not_there_is_not_made_up() -> None:
    body: Body = {"kind": "Secret", "data": None, "metadata": {"annotations": None}}
    assert sealed(body, masked_words) == body


def test_only_a_secret_is_one() -> None:
    assert is_secret(SECRET)
    assert not is_secret({"apiVersion": "v1", "kind": "ConfigMap"})
    assert not is_secret({"apiVersion": "example.com/v1", "kind": "Secret"})
    assert of_secrets(SECRETS)
    assert not of_secrets(KindRef("example.com", "v1", "secrets", "Secret"))
