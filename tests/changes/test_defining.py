"""A definition and resources of its kind in one manifest: what can be tried, what is waited for, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from tests.changes.conftest import EU, Office
from tui.changes.defining import (
    DEFINITIONS,
    LONGEST,
    LOOK_EVERY,
    Serving,
    defined_by,
)
from tui.changes.drafts import Defined, Draft
from tui.changes.patience import StoppedError
from tui.changes.yamltext import parse_documents
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Action, Fate, Plan, Wish
from tui.model.kube import KindRef
from tui.model.objects import ObjectRef
from tui.model.permits import Stopped
from tui.model.writes import Write, Written

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer}}}}
  - {name: v0, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
"""
WIDGET = """
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: web}
spec: {size: 3}
"""


async def planned(office: Office, *documents: str) -> Plan:
    return await office.desk.plan(Wish(Action.APPLY, (), {"manifest": "---".join(documents)}, (EU,)))


async def test_a_definition_and_its_resource_in_one_manifest(office: Office) -> None:
    plan = await planned(office, CRD, WIDGET)
    crd, widget = plan.steps
    assert (crd.problem, widget.problem) == (None, None)
    assert widget.warnings == ("it could not be tried first: an earlier step defines its kind (widgets.example.com)",)
    assert "+  size: 3" in [line.sign + line.text for line in widget.diff]
    assert widget.undoable
    apply, wait, again = plan.commands
    assert apply == again
    assert wait == (
        "kubectl --context prod-eu wait --for=condition=Established customresourcedefinition/widgets.example.com"
    )
    progress = await office.done(plan)
    assert [outcome.words for outcome in progress.outcomes] == ["created", "created"]
    ref = await office.ref("widgets", "w", "web")
    assert office.there(ref)["spec"] == {"size": 3}
    await office.undo()
    assert office.seen(ref) is None
    await office.undo()


async def test_nothing_is_asked_about_a_kind_that_is_not_there_yet(office: Office) -> None:
    office.sim.requests.clear()
    await planned(office, CRD, WIDGET)
    assert not [asked.path for asked in office.sim.requests if "/widgets/" in asked.path]


async def test_a_definition_that_is_refused_takes_its_resources_with_it(office: Office) -> None:
    plan = await planned(office, CRD.replace("scope:", "odd: 1\n  scope:"), WIDGET)
    crd, widget = plan.steps
    assert crd.problem is not None
    assert widget.problem is not None
    assert "widgets.example.com, an earlier step, which is refused" in widget.problem.summary
    assert plan.ready == ()


async def test_a_resource_before_its_definition_is_told_what_is_wrong(office: Office) -> None:
    widget, _ = (await planned(office, WIDGET, CRD)).steps
    assert widget.problem is not None
    assert "its definition widgets.example.com comes later in the manifest" in widget.problem.summary


async def test_a_version_that_is_not_served_is_not_waited_for(office: Office) -> None:
    _, widget = (await planned(office, CRD, WIDGET.replace("example.com/v1", "example.com/v0"))).steps
    assert widget.problem is not None
    assert widget.problem.summary == "prod-eu serves no kind Widget of example.com/v0"


async def test_a_definition_that_cannot_be_made_fails_its_resource_at_once(office: Office) -> None:
    plan = await planned(office, CRD, WIDGET)
    body = {"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": "not you", "code": 403}
    office.sim.faults.add("answer", {"method": "PATCH", "path": "*customresourcedefinitions*"}, status=403, body=body)
    office.sim.requests.clear()
    first, second = (await office.carry_out(plan)).outcomes
    assert (first.fate, second.fate) == (Fate.FAILED, Fate.FAILED)
    assert second.problem is not None
    assert second.problem.summary == "its definition widgets.example.com was not made: see there"
    assert not [asked.path for asked in office.sim.requests if "/widgets/" in asked.path]


async def test_a_resource_that_was_there_all_along_is_put_back_by_the_undo_not_deleted(office: Office) -> None:
    """Planned as a creation, since nobody could ask; when its turn comes it is there."""
    plan = await planned(office, CRD, WIDGET)
    await office.apply("---".join((CRD, WIDGET.replace("size: 3", "size: 1"))))
    await office.done(plan)
    ref = await office.ref("widgets", "w", "web")
    assert office.there(ref)["spec"] == {"size": 3}
    entry = next(entry for entry in await office.journal() if entry.kind == "Widget")
    wish = office.desk.undo_of(entry)
    assert wish is not None
    await office.done(await office.desk.plan(wish))
    assert office.there(ref)["spec"] == {"size": 1}


async def test_what_is_served_already_is_tried_first_and_its_refusal_told(office: Office) -> None:
    await office.apply(CRD)
    good, bad = WIDGET, WIDGET.replace("name: w,", "name: x,").replace("size: 3", "size: large")
    crd, first, second = (await planned(office, CRD, good, bad)).steps
    assert crd.unchanged
    assert (first.problem, first.warnings) == (None, ())
    assert second.problem is not None
    assert "spec.size" in second.problem.server_words


async def test_a_definition_that_changes_may_make_right_what_is_wrong_by_the_present_one(office: Office) -> None:
    await office.apply(CRD)
    changed = CRD.replace("size: {type: integer}", "size: {type: string}")
    plan = await planned(office, changed, WIDGET.replace("size: 3", "size: large"))
    crd, widget = plan.steps
    assert (crd.problem, crd.unchanged, widget.problem) == (None, False, None)
    (warning,) = widget.warnings
    assert warning.startswith(
        "an earlier step changes its definition widgets.example.com; by the present one it is refused: "
    )
    progress = await office.done(plan)
    assert [outcome.fate for outcome in progress.outcomes] == [Fate.DONE, Fate.DONE]
    assert office.there(await office.ref("widgets", "w", "web"))["spec"] == {"size": "large"}


# Waiting, against a server that takes its time ------------------------------------------------------------------

DEFINED = Defined("widgets.example.com", KindRef("example.com", "v1", "widgets", "Widget"))
REF = ObjectRef(EU, DEFINED.kind, "web", "w")


def definition(*conditions: tuple[str, str, str]) -> dict[str, Any]:
    said = [{"type": kind, "status": status, "message": message} for kind, status, message in conditions]
    return {"metadata": {"name": DEFINED.name}, "status": {"conditions": said}}


class Slow:
    """A server. looks: the definition at each look, the last one for ever. undiscovered: looks at the discovery that
    find nothing."""

    account = ""
    names: frozenset[str] = frozenset()
    namespace = ""

    def __init__(self, looks: Sequence[dict[str, Any]], undiscovered: int = 0) -> None:
        self.looks = list(looks)
        self.undiscovered = undiscovered
        self.asked: list[str] = []

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        self.asked.append(path)
        if path == DEFINITIONS.path("", DEFINED.name):
            return msgspec.json.encode(self.looks.pop(0) if len(self.looks) > 1 else self.looks[0])
        if path == "/apis/example.com/v1":
            self.undiscovered -= 1
            if self.undiscovered < 0:
                return msgspec.json.encode({"resources": [{"name": "widgets"}]})
        raise SourceError(Problem(ProblemKind.NOT_FOUND, "HTTP 404", status=404))

    async def discover(self) -> tuple[KindRef, ...]:
        return ()

    async def review(self, path: str, body: bytes) -> bytes:
        raise AssertionError("nobody asks who we are")

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        raise AssertionError("nothing is written while it is waited")


PENDING, DONE = definition(("Established", "False", "")), definition(("Established", "True", ""))


async def waited(port: Slow, turns: int, *, cancel: bool = False) -> tuple[asyncio.Task[Draft], list[str]]:
    clock, told, cancelled = ManualClock(), list[str](), asyncio.Event()
    draft = Draft(REF, "create", None, awaits=DEFINED, again=lambda live: Draft(REF, f"anew of {live}", None))
    task = asyncio.create_task(Serving(port, DEFINED, EU, told.append, cancelled, clock).drafted(draft))
    for _ in range(turns):
        await clock.advance(LOOK_EVERY)
    if cancel:
        cancelled.set()
        await clock.advance(0)
    await asyncio.wait([task], timeout=0 if not cancel else 5)
    return task, told


async def test_it_waits_for_the_definition_and_then_for_the_discovery() -> None:
    port = Slow([definition(), PENDING, DONE], undiscovered=2)
    task, told = await waited(port, 6)
    assert task.result().summary == "anew of None"
    assert task.result().awaits == DEFINED
    established = "waits for its kind: the definition widgets.example.com is not established yet"
    discovery = "waits for its kind: the server's discovery does not know example.com/v1 yet"
    assert told == [established, established, discovery, discovery]


async def test_it_does_not_wait_for_ever() -> None:
    task, _ = await waited(Slow([PENDING]), int(LONGEST / LOOK_EVERY) + 2)
    error = task.exception()
    assert isinstance(error, SourceError)
    assert error.problem.kind is ProblemKind.TIMEOUT
    assert error.problem.summary.startswith("widgets.example.com is not served after 60 s: the definition")
    assert error.problem.remedy == "kubectl describe customresourcedefinition widgets.example.com"


async def test_a_cancel_ends_the_waiting_at_once() -> None:
    task, _ = await waited(Slow([PENDING]), 2, cancel=True)
    assert isinstance(task.exception(), StoppedError)


async def test_names_that_are_not_accepted_end_it_in_the_servers_words() -> None:
    refused = definition(("NamesAccepted", "False", '"widgets" is already in use'), ("Established", "False", ""))
    task, told = await waited(Slow([refused]), 1)
    error = task.exception()
    assert isinstance(error, SourceError)
    assert (error.problem.kind, error.problem.server_words) == (ProblemKind.CONFLICT, '"widgets" is already in use')
    assert told == []


async def test_a_resource_that_the_new_schema_allows_outlasts_a_server_that_lags(office: Office) -> None:
    await office.apply(CRD)
    plan = await planned(
        office, CRD.replace("size: {type: integer}", "size: {type: string}"), WIDGET.replace("3", "large")
    )
    message = ".spec.size: expected integer"
    body = {"kind": "Status", "status": "Failure", "reason": "Invalid", "message": message, "code": 422}
    office.sim.faults.add("answer", {"method": "PATCH", "path": "*/widgets/*"}, status=422, body=body, times=1)
    progress = await office.done(plan)
    assert [outcome.fate for outcome in progress.outcomes] == [Fate.DONE, Fate.DONE]


def test_what_a_definition_defines() -> None:
    (body,) = parse_documents(CRD)
    (one,) = defined_by(body)
    assert (one.name, one.kind.api, one.kind.plural, one.kind.namespaced) == (
        "widgets.example.com",
        "example.com/v1",
        "widgets",
        True,
    )
    assert defined_by({"kind": "ConfigMap", "apiVersion": "v1"}) == []
