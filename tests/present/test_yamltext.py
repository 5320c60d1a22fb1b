"""YAML for reading: it reads back as what it was, in kubectl's order, and nothing in it is more than text."""

from __future__ import annotations

import base64
import random
from typing import Any

import pytest
import yaml

from tests.recordings import load, needed
from tui.present.clean import is_clean
from tui.present.yamltext import written, yaml_lines

HARD = (
    "", " ", "a", "0", "1e3", "0x1f", "1_000", "12:30:45", "2026-11-22", "2026-11-22T01:01:25Z", "yes", "No",
    "null", "~", "true", "a: b", "a:", "a #b", "#a", "- a", "-", "?", "*", "&a", "!a", "|", ">", "%", "@", "`",
    "'", '"', "it's", "\\", "\\n", "a\\b", " lead", "trail ", "\ttab", "a\tb", "a\nb", "a\nb\n", "a\n\nb\n\n",
    "\na", "\n", "\n\n", "  a\n b\n", "a \n b", "\xe9", "\u65e5\u672c", "\x1b[31mred", "\x1b]52;c;x\x07",
    "\u202eevil", "a\u200bb", "\x85", "\ufeff", "\U0001f600", "a\rb", "a\r\nb", "[x]", "{x}", ",", "<<", "=",
    ".5", "1.", "-1", "+1", ".inf", ".nan", "1.5e+3", "0o17", "017", "(a)", "a" * 300, "key: |", "--- a",
    "...", "--- ", "y", "n",
)  # fmt: skip


def read_back(body: Any, **how: bool) -> Any:
    return yaml.safe_load("".join(f"{line.text}\n" for line in yaml_lines(body, **how)))


@pytest.mark.parametrize("value", HARD)
def test_any_text_reads_back(value: str) -> None:
    body = {"a": value, "b": [value, {"c": value}, [value]], "d": {value or "x": 1}}
    assert read_back(body) == body


def test_random_texts_read_back() -> None:
    rng = random.Random(7)
    alphabet = "ab \n\t:#-'\"\\{}[]|>&*!%@`,?01.e~\x1b\u202eé日"
    for _ in range(3_000):
        value = "".join(rng.choice(alphabet) for _ in range(rng.randint(0, 12)))
        assert read_back({"k": value, "l": [value]}) == {"k": value, "l": [value]}, repr(value)


def test_every_character_is_escaped_alike_in_whatever_text_it_stands() -> None:
    for code in (*range(0x20), 0x22, 0x5C, 0x7F):
        value = f"\x01{chr(code)}b"
        alone, among = written({"k": value})[0].text, written({"k": f"{value}\xe9"})[0].text
        assert among == f'{alone[:-1]}\xe9"', repr(value)
        assert yaml.safe_load(alone) == {"k": value}


def test_other_values_read_back() -> None:
    body = {
        "a": None,
        "b": True,
        "c": 0,
        "d": -7,
        "e": 1.5,
        "f": {},
        "g": [],
        "h": [[], {}, [[1], {"x": [2]}]],
        "i": [None],
    }
    assert read_back(body) == body


def test_every_line_is_harmless() -> None:
    body = {"metadata": {"annotations": {f"k{n}": value for n, value in enumerate(HARD)}}}
    assert all(is_clean(line.text.replace("\t", "")) for line in yaml_lines(body))


@needed
@pytest.mark.parametrize("name", ["list-pods", "list-deployments", "list-nodes", "list-crds", "list-services"])
def test_recorded_objects_read_back(name: str) -> None:
    for one in load(name).body["items"]:
        assert read_back(one, managed=True) == one


def test_the_order_and_manner_are_those_of_kubectl() -> None:
    body = {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "c", "finalizers": ["a", "b"]},
        "data": {"b": "x\ny\n", "a": "1"},
    }
    assert [line.text for line in yaml_lines(body)] == [
        "apiVersion: v1",
        "data:",
        '  a: "1"',
        "  b: |",
        "    x",
        "    y",
        "kind: ConfigMap",
        "metadata:",
        "  finalizers:",
        "  - a",
        "  - b",
        "  name: c",
    ]


def test_keys_are_told_from_values() -> None:
    line = next(line for line in yaml_lines({"a": [{"b": "c"}]}) if "b" in line.text)
    assert (line.text[: line.key], line.text[line.key :]) == ("- b:", " c")


SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "db",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"aHVudGVyMg=="}}'},
        "managedFields": [{"manager": "kubectl"}, {"manager": "kubectl"}, {"manager": "kube-controller-manager"}],
    },
    "data": {
        "password": base64.b64encode(b"hunter2").decode(),
        "key": base64.b64encode(bytes(range(200, 240))).decode(),
        "broken": "%%%",
    },
    "stringData": {"plain": "hunter2"},
    "type": "Opaque",
}


def test_secret_values_are_masked_wherever_they_stand() -> None:
    said = "\n".join(line.text for line in yaml_lines(SECRET))
    assert "hunter2" not in said
    assert "aHVudGVyMg" not in said
    assert "password: # •••• 7 bytes" in said
    assert "broken: # •••• not base64" in said
    assert "last-applied-configuration: # •••• holds the values" in said


def test_secret_values_are_shown_as_text_when_asked_for() -> None:
    said = "\n".join(line.text for line in yaml_lines(SECRET, shown=True))
    assert "  password: hunter2" in said
    assert "  key: # no text, 40 bytes: c8 c9" in said


def test_a_kind_of_another_group_that_is_called_secret_is_no_secret() -> None:
    other = {**SECRET, "apiVersion": "example.com/v1"}
    assert read_back(other, managed=True) == other


def test_managed_fields_are_folded_to_a_line() -> None:
    said = [line.text for line in yaml_lines(SECRET)]
    assert "  managedFields: # 3 folded (kubectl, kube-controller-manager); M unfolds" in said
    assert "  - manager: kubectl" in [line.text for line in yaml_lines(SECRET, managed=True)]
