"""The JSONPath dialect of printer columns."""

from typing import Any

import pytest

from tui.sim.kube.jsonpath import parse

OBJECT: dict[str, Any] = {
    "metadata": {"labels": {"app.kubernetes.io/name": "web", "plain": "x"}},
    "spec": {"size": 3, "hosts": ["a", "b", "c"], "nothing": None},
    "status": {
        "conditions": [
            {"type": "Synced", "status": "False", "age": 1},
            {"type": "Ready", "status": "True", "age": 5},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".spec.size", [3]),
        ("{.spec.size}", [3]),
        ("$.spec.size", [3]),
        ("spec.size", [3]),
        (".spec.nothing", [None]),
        (".spec.missing", []),
        (".spec.size.deeper", []),
        (".spec.hosts[0]", ["a"]),
        (".spec.hosts[-1]", ["c"]),
        (".spec.hosts[9]", []),
        (".spec.hosts[-1:]", ["c"]),
        (".spec.hosts[0:2]", ["a", "b"]),
        (".spec.hosts[::2]", ["a", "c"]),
        (".spec.hosts[0,2]", ["a", "c"]),
        (".spec.hosts[*]", ["a", "b", "c"]),
        (".spec.size[0]", []),
        (".metadata.labels.*", ["web", "x"]),
        (r".metadata.labels.app\.kubernetes\.io/name", ["web"]),
        (".metadata.labels['app.kubernetes.io/name']", ["web"]),
        ('.metadata.labels["plain"]', ["x"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Ready')].status", ["True"]),
        ('.status.conditions[?(@.type != "Ready")].type', ["Synced"]),
        (".status.conditions[?(@.age > 2)].type", ["Ready"]),
        (".status.conditions[?(@.age <= 1)].type", ["Synced"]),
        ('.status.conditions[?(@.age < "x")].type', []),
        (".status.conditions[?(@.age)].type", ["Synced", "Ready"]),
        (".status.conditions[?(@.missing)].type", []),
        ('.status.conditions[?(@.type=="a]b")].type', []),
        (""".status.conditions[?('Ready'==@.type)].age""", [5]),
        (".status.conditions[?('a==b'==@.type)].age", []),
        (".status[?(@..age == 5)]", []),  # two values on the left: nothing to compare
        ("..age", [1, 5]),
        (".status.conditions[0,1].type", ["Synced", "Ready"]),
        (".", [OBJECT]),
    ],
)
def test_values_found(path: str, expected: list[Any]) -> None:
    assert parse(path).find(OBJECT) == expected


@pytest.mark.parametrize("path", [".spec[", ".spec[?(@.a==b)]", ".spec[x]", ".spec..", ".a..b[?(]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="JSONPath"):
        parse(path)
