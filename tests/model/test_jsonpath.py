"""The small part of JSONPath that columns are chosen by."""

from __future__ import annotations

import pytest

from tui.model.jsonpath import LONGEST, parse_path

POD = {
    "metadata": {"name": "api", "labels": {"app.kubernetes.io/name": "api"}, "generation": 3},
    "spec": {"containers": [{"image": "a:1"}, {"image": "b:2"}], "hostNetwork": False, "nodeName": None},
    "status": {"conditions": [{"type": "Ready", "status": "False"}, {"type": "Initialized", "status": "True"}]},
}


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        (".metadata.name", "api"),
        ("metadata.name", "api"),
        ("{.metadata.name}", "api"),
        ("$.metadata.generation", 3),
        (".spec.hostNetwork", False),
        (".spec.nodeName", None),
        (".spec.nothing.at.all", None),
        (".spec.containers[*].image", "a:1,b:2"),
        (".spec.containers[0].image", "a:1"),
        (".spec.containers[-1].image", "b:2"),
        (".spec.containers[7].image", None),
        (".metadata.labels['app.kubernetes.io/name']", "api"),
        (r".metadata.labels.app\.kubernetes\.io/name", "api"),
        ('.status.conditions[?(@.type=="Ready")].status', "False"),
        (".spec.containers[0]", '{"image":"a:1"}'),
        (".metadata.labels.*", "api"),
    ],
)
def test_a_path_finds(path: str, cell: object) -> None:
    assert parse_path(path).cell(POD) == cell


@pytest.mark.parametrize("path", [".a[", ".a[x]", ".a..b", ".a b", "[?(@.x>1)]", ".a[1:2]"])
def test_what_is_no_path_is_said(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        parse_path(path)


def test_what_lies_there_may_be_anything() -> None:
    for body in (None, 1, "x", [], {"a": "x" * 5000}):
        assert len(str(parse_path(".a").cell(body))) <= LONGEST
