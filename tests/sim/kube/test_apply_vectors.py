"""Apply, update and strategic merge patch against what Kubernetes' own Go code answers to the same requests.

`vectors.json` holds requests, carried out one after the other on one object, each with the answer of the real
k8s.io/apimachinery (`schema_generator/vectors` fills it in): managed fields, conflicts, errors, and the object.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tui.sim.kube import managed
from tui.sim.kube.apply import server_side_apply
from tui.sim.kube.codec import written
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.patch import STRATEGIC_MERGE_PATCH, apply_patch
from tui.sim.kube.schema import of_kind
from tui.sim.kube.status import ApiError, Obj

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text())
REGISTRY = Registry()
PAST = "2000-01-01T00:00:00Z"  # the time of all recorded changes
NOW = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_answers_are_those_of_the_real_machinery(vector: dict[str, Any]):
    kind = REGISTRY.for_object(vector["apiVersion"], vector["kind"])
    assert kind is not None
    live: Obj | None = None
    for number, request in enumerate(vector["requests"]):
        before = json.dumps([live, request["body"]])
        if "error" in request:
            with pytest.raises(ApiError) as refused:
                answer(request, live, kind)
            assert said(refused.value, request["error"]) == expected(request["error"]), f"request {number}"
        else:
            answered = answer(request, live, kind)
            assert with_past(answered) == request["object"], f"request {number}"
        assert json.dumps([live, request["body"]]) == before, "the inputs were changed"
        live = request.get("object", live)


def answer(request: dict[str, Any], live: Obj | None, kind: Kind) -> Obj:
    how: dict[str, Any] = {
        "kind": kind,
        "manager": request["manager"],
        "now": NOW,
        "subresource": request.get("subresource", ""),
    }
    struct = of_kind(kind)
    assert struct is not None
    if request["op"] == "apply":
        return server_side_apply(live, request["body"], force=request.get("force", False), **how)
    if request["op"] == "update":
        return managed.track(live, written(request["body"], struct), **how)
    assert live is not None
    patched = apply_patch(STRATEGIC_MERGE_PATCH, live, request["body"], kind)
    return managed.track(live, written(patched, struct), **how)


def with_past(obj: Obj) -> Obj:
    """As the vectors write an answer: any object has a uid, any change the same time."""
    metadata = {**obj["metadata"], "uid": "u"}
    if "managedFields" in metadata:
        metadata["managedFields"] = [
            {**entry, "time": PAST} if "time" in entry else entry for entry in metadata["managedFields"]
        ]
    return {**obj, "metadata": metadata}


def said(error: ApiError, wanted: dict[str, Any]) -> dict[str, Any]:
    """An error without a status of its own is only its text; in the vectors, errors stand in Go's random order."""
    if "code" not in wanted:
        return {"message": sorted(error.message.split("\n"))}
    return {"message": sorted(error.message.split("\n")), "code": error.code, "details": error.details}


def expected(error: dict[str, Any]) -> dict[str, Any]:
    return {**error, "message": sorted(error["message"].split("\n"))}
