"""Tables as a whole, whatever they show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.kube.printing import NOW, kind_of
from tui.sim.kube import tables
from tui.sim.kube.kinds import BUILTIN, Kind

Obj = dict[str, Any]


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: f"{kind.plural}.{kind.group}.{kind.version}")
def test_every_kind_prints_an_object_of_which_nothing_is_known(kind: Kind) -> None:
    """Bookmarks are such objects, and a page must not fail because of one odd object."""
    columns = tables.columns(kind)
    for obj in ({}, {"metadata": None, "spec": None, "status": None}, {"spec": {}, "status": {"conditions": [None]}}):
        row = tables.row(kind, obj, now=NOW)
        assert len(row["cells"]) == len(columns)
        assert all(isinstance(cell, str | int | bool) for cell in row["cells"])


def test_what_is_printed_shares_metadata_with_the_object_and_changes_nothing() -> None:
    obj: Obj = {"metadata": {"name": "x", "managedFields": [{}]}, "status": {"phase": "Running"}}
    before = repr(obj)
    row = tables.row(kind_of("pods"), obj, now=NOW)
    assert row["object"]["metadata"] is obj["metadata"]
    assert repr(obj) == before


def test_include_object_decides_what_a_row_carries() -> None:
    obj: Obj = {"metadata": {"name": "x"}, "spec": {}}
    pods = kind_of("pods")
    carried = {
        include: tables.row(pods, obj, now=NOW, include_object=include)["object"]
        for include in ("Metadata", "Object", "None")
    }
    assert carried == {
        "Metadata": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "x"}},
        "Object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}, "spec": {}},
        "None": None,
    }


def test_flow_schemas_are_printed_in_the_order_in_which_they_match() -> None:
    schemas = [
        {"metadata": {"name": name}, "spec": {"matchingPrecedence": precedence}}
        for name, precedence in (("b", 9000), ("c", 100), ("a", 9000))
    ]
    table = tables.render(kind_of("flowschemas.flowcontrol.apiserver.k8s.io"), schemas, now=NOW, list_meta={})
    assert [row["cells"][0] for row in table["rows"]] == ["c", "a", "b"]
