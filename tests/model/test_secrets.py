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


def test_every_value_is_told_by_its_size_and_the_rest_stays() -> None:
    holds = f"{MASK} holds the values"
    assert sealed(SECRET, masked_words) == SECRET | {
        "metadata": {
            **SECRET["metadata"],
            "annotations": {**dict.fromkeys(ANNOTATIONS, holds), "team": "shop"},
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
