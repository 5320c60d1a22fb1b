"""What others change between a plan and its carrying out is a conflict that says what it was; a status is none. And an
apply gets past what only we ourselves own."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.changes.conftest import EU, Office
from tui.clients.kube_transport import KubeTransport
from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, Fate, Plan, Wish
from tui.model.objects import ObjectRef
from tui.model.writes import Media, Write

A = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: web}\ndata: {a: %r}\n"


async def config(office: Office) -> ObjectRef:
    return await office.ref("configmaps", "c", "web")


async def theirs(office: Office, ref: ObjectRef, body: dict[str, Any], **query: str) -> None:
    """Another manager's apply."""
    transport = KubeTransport(office.http, (await office.connect(EU)).endpoint)
    path, content = ref.kind.path(ref.namespace, ref.name), msgspec.json.encode(body)
    answer = await transport.send(
        "PATCH", path, {"fieldManager": "kubectl", **query}, content, Media.APPLY_PATCH.value, lambda: None
    )
    assert answer.status < 300, answer.body


def cm(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "web"}, "data": data}


async def planned(office: Office, manifest: str) -> Plan:
    return await office.desk.plan(Wish(Action.APPLY, (), {"manifest": manifest}, (EU,)))


async def undone_twice(office: Office) -> None:
    """a is 1, and owned by an undo."""
    await office.apply(A % "1")
    await office.apply(A % "2")
    await office.undo()


async def test_an_apply_gets_past_what_only_an_undo_of_ours_owns_and_says_so(office: Office) -> None:
    await undone_twice(office)
    plan = await planned(office, A % "3")
    (step,) = plan.steps
    assert step.problem is None
    assert step.warnings == ("applied with force: only earlier edits and undos of clusterview itself own .data.a",)
    assert "--force-conflicts" in plan.commands[0]
    await office.done(plan)
    assert office.there(await config(office))["data"] == {"a": "3"}
    await office.undo()
    assert office.there(await config(office))["data"] == {"a": "1"}


async def test_what_nobody_contests_is_applied_without_force(office: Office) -> None:
    await office.apply(A % "1")
    office.sim.requests.clear()
    plan = await planned(office, A % "2")
    await office.done(plan)
    assert "--force-conflicts" not in plan.commands[0]
    assert ["force=" in asked.path for asked in office.written()] == [False, False]


async def test_a_field_of_somebody_else_is_still_a_conflict_that_names_them_alone(office: Office) -> None:
    await undone_twice(office)
    await theirs(office, await config(office), cm(b="theirs"))
    both = (A % "3").replace("{a:", "{b: ours, a:")
    (step,) = (await planned(office, both)).steps
    assert step.problem is not None
    assert step.problem.kind is ProblemKind.CONFLICT
    assert step.problem.summary == 'other managers own what it would change: .data.b (conflict with "kubectl")'


async def test_what_somebody_takes_between_plan_and_apply_is_not_taken_back(office: Office) -> None:
    await undone_twice(office)
    ref = await config(office)
    plan = await planned(office, A % "3")
    await theirs(office, ref, cm(a="theirs"), force="true")
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert outcome.problem.summary == "it has been changed since it was planned: data.a (by kubectl)"
    assert office.there(ref)["data"] == {"a": "theirs"}


async def test_an_owner_that_joined_with_the_same_value_is_not_robbed(office: Office) -> None:
    await undone_twice(office)
    ref = await config(office)
    plan = await planned(office, A % "3")
    await theirs(office, ref, cm(a="1"))
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.problem is not None
    assert outcome.problem.summary == "it has been changed since it was planned: who owns its fields (by kubectl)"
    assert office.there(ref)["data"] == {"a": "1"}


def move_status(office: Office, ref: ObjectRef) -> None:
    cluster = office.sim.world.clusters["prod-eu"]
    kind = next(kind for kind in cluster.registry if kind.plural == ref.kind.plural)
    live = office.there(ref)
    conditions = [*live["status"].get("conditions", []), {"type": "Moved", "status": "True"}]
    cluster.store.update(kind, {**live, "status": {**live["status"], "conditions": conditions}}, status_only=True)


async def undo_plan(office: Office, action: Action) -> Plan:
    entry = next(entry for entry in await office.journal() if entry.action is action)
    wish = office.desk.undo_of(entry)
    assert wish is not None
    return await office.desk.plan(wish)


async def refused(office: Office, plan: Plan) -> Problem:
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    return outcome.problem


CHANGES = [
    (Action.EDIT, {}),
    (Action.PAUSE, {}),
    (Action.LABEL, {"pairs": "tier=gold"}),
    (Action.SET_IMAGE, {"images": "*=example.com/x:1"}),
]


async def make(office: Office, api: ObjectRef, action: Action, args: dict[str, str]) -> None:
    if action is Action.EDIT:
        args = {"manifest": (await office.desk.manifest(api)).replace("replicas: 2", "replicas: 4")}
    await office.do(action, api, **args)


@pytest.mark.parametrize(("action", "args"), CHANGES)
async def test_an_undo_of_what_was_changed_meanwhile_is_a_conflict_and_says_what_it_was(
    office: Office, api: ObjectRef, action: Action, args: dict[str, str]
) -> None:
    await make(office, api, action, args)
    plan = await undo_plan(office, action)
    await office.do(Action.ANNOTATE, api, pairs="note=theirs")
    problem = await refused(office, plan)
    assert problem.kind is ProblemKind.CONFLICT
    assert problem.summary.startswith("it has been changed since it was planned: metadata.annotations.note")
    assert "the object has been modified" in problem.server_words
    assert office.there(api)["metadata"]["annotations"]["note"] == "theirs"


@pytest.mark.parametrize(("action", "args"), CHANGES)
async def test_an_undo_survives_a_status_that_moves_on(
    office: Office, api: ObjectRef, action: Action, args: dict[str, str]
) -> None:
    before = office.there(api)
    await make(office, api, action, args)
    plan = await undo_plan(office, action)
    move_status(office, api)
    office.sim.requests.clear()
    await office.done(plan)
    assert len(office.written()) >= 2, "the first was for a version that is no more"
    after = office.there(api)
    assert after["spec"] == before["spec"]
    assert after["metadata"]["labels"] == before["metadata"]["labels"]


async def test_the_undo_of_an_apply_that_created_spares_what_somebody_has_put_in_since(office: Office) -> None:
    await office.apply(A % "1")
    ref = await config(office)
    plan = await undo_plan(office, Action.APPLY)
    await theirs(office, ref, cm(b="theirs"))
    assert (await refused(office, plan)).summary == "it has been changed since it was planned: data.b (by kubectl)"
    assert office.there(ref)["data"] == {"a": "1", "b": "theirs"}


async def test_an_edit_that_is_overtaken_says_by_what(office: Office, api: ObjectRef) -> None:
    text = await office.desk.manifest(api)
    plan = await office.plan(Action.EDIT, api, manifest=text.replace("replicas: 2", "replicas: 4"))
    await office.do(Action.LABEL, api, pairs="mine=no")
    problem = await refused(office, plan)
    assert problem.summary.startswith("it has been changed since it was planned: metadata.labels.mine")


async def test_another_object_under_the_name_is_not_undone(office: Office) -> None:
    await office.apply(A % "1")
    await office.apply(A % "2")
    ref = await config(office)
    plan = await undo_plan(office, Action.APPLY)
    path = ref.kind.path("web", "c")
    await office.write(Write("DELETE", path))
    await office.write(Write("POST", ref.kind.path("web"), cm(a="new")))
    problem = await refused(office, plan)
    assert problem.kind is ProblemKind.CONFLICT
    assert office.there(ref)["data"] == {"a": "new"}


async def test_the_command_by_hand_does_not_name_a_version_that_will_not_last(office: Office, api: ObjectRef) -> None:
    await make(office, api, Action.EDIT, {})
    plan = await undo_plan(office, Action.EDIT)
    assert "resourceVersion" not in plan.commands[0]
    assert "uid" in plan.commands[0]
