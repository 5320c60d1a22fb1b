"""YAML bodies are read as go-yaml reads them: nothing in them that JSON has no form for."""

from typing import Any

import pytest
import yaml

from tui.sim.kube.yamljson import load_yaml


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-22T01:02:03Z", "2026-11-22T01:02:03Z"),
        ("2026-11-22", "2026-11-22"),
        ("12:30", "12:30"),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("010", 8),
        ("0x1f", 31),
        ("-5", -5),
        ("yes", True),
        ("~", None),
        ('"12"', "12"),
    ],
)
def test_a_bare_word_means_what_it_means_to_go(written: str, read: Any):
    found = load_yaml(f"a: {written}")["a"]
    assert (found, type(found)) == (read, type(read))


def test_keys_are_text():
    assert load_yaml("{1: [{true: a}], ~: b}") == {"1": [{"true": "a"}], "null": "b"}


def test_anchors_and_merges_are_followed():
    assert load_yaml("a: &x {b: 1}\nc: {<<: *x, d: 2}") == {"a": {"b": 1}, "c": {"b": 1, "d": 2}}


@pytest.mark.parametrize("written", ["!!timestamp 2026-11-22", "!!python/name:os.system x", "!!set {a: ~}", "[", "*x"])
def test_what_json_has_no_form_for_is_an_error(written: str):
    with pytest.raises(yaml.YAMLError):
        load_yaml(f"a: {written}")
