"""Apply, edit and what takes them back, over real sockets: conflicts with others, and with ourselves a moment ago."""

from __future__ import annotations

import json
import shlex

from tests.changes.conftest import EU, US, Office
from tui.errors import ProblemKind
from tui.model.changes import Action, Fate, Wish
from tui.model.objects import ObjectRef
from tui.model.writes import Media, Write

TWO = """
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: web}
data: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two, namespace: web}
data: {b: "2", odd: "2026-01-02", time: "12:30", yes: "on"}
"""
ONE_MORE_SETTING = """
apiVersion: v1
kind: ConfigMap
metadata: {name: storefront-settings, namespace: web}
data: {NEW: x}
"""
SCALED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: payments}
spec: {replicas: 7}
"""
SPACE_AND_INSIDE = """
apiVersion: v1
kind: Namespace
metadata: {name: fresh}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inside, namespace: fresh}
"""
BAD_SPACE_AND_INSIDE = SPACE_AND_INSIDE.replace("fresh", "Bad_Name")
REMOVED_VERSION = """
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: x, namespace: web}
"""
UNKNOWN_AND_REFUSED = """
apiVersion: example.com/v1
kind: Nothing
metadata: {name: x}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: Bad_Name}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: good}
dat: {}
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: web}
stringData: {a: hidden}
"""


async def test_documents_are_made_in_two_clusters_and_taken_back(office: Office) -> None:
    plan = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": TWO}, (EU, US)))
    assert [step.summary for step in plan.steps] == ["create"] * 4
    assert {line.sign for line in plan.steps[0].diff} == {"+", "@"}
    progress = await office.done(plan)
    assert [outcome.words for outcome in progress.outcomes] == ["created"] * 4
    two = await office.ref("configmaps", "two", "web")
    assert office.there(two)["data"] == {"b": "2", "odd": "2026-01-02", "time": "12:30", "true": "on"}
    (fields,) = office.there(two)["metadata"]["managedFields"]
    assert (fields["manager"], fields["operation"]) == ("clusterview", "Apply")
    for entry in await office.journal():
        wish = office.desk.undo_of(entry)
        assert wish is not None
        await office.done(await office.desk.plan(wish))
    assert office.seen(two) is None
    assert office.seen(ObjectRef(US, two.kind, "web", "one")) is None


async def test_an_apply_that_changes_is_taken_back_field_by_field(office: Office) -> None:
    ref = await office.ref("configmaps", "storefront-settings", "web")
    before = office.there(ref)["data"]
    await office.apply(ONE_MORE_SETTING)
    assert office.there(ref)["data"] == {**before, "NEW": "x"}
    theirs = {"data": {"THEIRS": "y"}}
    await office.write(Write("PATCH", ref.kind.path("web", ref.name), theirs, Media.MERGE_PATCH))
    await office.undo()
    assert office.there(ref)["data"] == {**before, "THEIRS": "y"}


async def test_fields_of_others_are_named_with_their_owners_and_taken_only_by_force(office: Office) -> None:
    plan = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": SCALED}, (EU,)))
    (step,) = plan.steps
    assert step.problem is not None
    assert step.problem.kind is ProblemKind.CONFLICT
    assert ".spec.replicas (conflict with" in step.problem.summary
    assert step.problem.server_words.startswith("Apply failed with 1 conflict")
    assert plan.ready == ()
    forced = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": SCALED, "force": "true"}, (EU,)))
    assert any("takes .spec.replicas" in warning for warning in forced.steps[0].warnings)
    await office.done(forced)
    assert office.there(await office.ref("deployments", "api", "payments"))["spec"]["replicas"] == 7


async def test_a_namespace_and_what_is_in_it_in_one_file(office: Office) -> None:
    plan = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": SPACE_AND_INSIDE}, (EU,)))
    assert [step.problem for step in plan.steps] == [None, None]
    assert "could not be tried first" in plan.steps[1].warnings[0]
    await office.done(plan)
    assert office.there(await office.ref("configmaps", "inside", "fresh"))


async def test_only_the_missing_namespace_itself_is_excused_by_an_earlier_step(office: Office) -> None:
    message = "the server could not find the requested resource"
    body = {"kind": "Status", "status": "Failure", "reason": "NotFound", "message": message, "code": 404}
    office.sim.faults.add("answer", {"method": "PATCH", "path": "*/configmaps/*"}, status=404, body=body)
    _, step = (await office.desk.plan(Wish(Action.APPLY, (), {"manifest": SPACE_AND_INSIDE}, (EU,)))).steps
    assert step.problem is not None
    assert message in step.problem.server_words


async def test_a_namespace_that_is_refused_takes_what_is_in_it_along(office: Office) -> None:
    plan = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": BAD_SPACE_AND_INSIDE}, (EU,)))
    space, inside = plan.steps
    assert space.problem is not None
    assert inside.problem is not None
    assert inside.problem.summary == "its namespace Bad_Name is made by an earlier step, which is refused"
    assert plan.ready == ()


async def test_a_version_that_was_removed_is_refused_with_those_that_are_served(office: Office) -> None:
    (step,) = (await office.desk.plan(Wish(Action.APPLY, (), {"manifest": REMOVED_VERSION}, (EU,)))).steps
    assert step.problem is not None
    assert step.problem.summary == (
        "prod-eu serves no kind PodDisruptionBudget of policy/v1beta1; it serves that kind of policy/v1"
    )


async def test_what_a_cluster_does_not_serve_and_what_it_refuses(office: Office) -> None:
    plan = await office.desk.plan(Wish(Action.APPLY, (), {"manifest": UNKNOWN_AND_REFUSED, "namespace": "web"}, (EU,)))
    first, second, third = (step.problem for step in plan.steps)
    assert first is not None
    assert first.summary == "prod-eu serves no kind Nothing of example.com/v1"
    assert second is not None
    assert "a lowercase RFC 1123 subdomain must consist of" in second.server_words
    assert third is not None
    assert ".dat: field not declared in schema" in third.server_words
    assert plan.steps[1].ref.namespace == "web"


async def edited(office: Office, ref: ObjectRef, old: str, new: str) -> Wish:
    """An edit by replacing a text in what the editor is given."""
    text = await office.desk.manifest(ref)
    assert old in text
    return Wish(Action.EDIT, (ref,), {"manifest": text.replace(old, new)})


async def test_an_edit_is_made_and_taken_back(office: Office, api: ObjectRef) -> None:
    wish = await edited(office, api, "replicas: 2", "replicas: 4")
    assert "managedFields" not in wish.args["manifest"]
    assert "\nstatus:" not in wish.args["manifest"]
    await office.done(await office.desk.plan(wish))
    assert office.there(api)["spec"]["replicas"] == 4
    assert office.there(api)["status"]
    (entry,) = await office.journal()
    assert "manifest" not in entry.args
    await office.undo()
    assert office.there(api)["spec"]["replicas"] == 2


async def test_the_command_by_hand_of_an_edit_is_its_patch_and_of_a_secret_nothing_but_edit(
    office: Office, api: ObjectRef
) -> None:
    plan = await office.desk.plan(await edited(office, api, "replicas: 2", "replicas: 5"))
    uid = office.there(api)["metadata"]["uid"]
    (command,) = plan.commands
    assert json.loads(shlex.split(command)[-1]) == {"metadata": {"uid": uid}, "spec": {"replicas": 5}}
    assert " patch deployments.apps/" in command
    await office.apply(SECRET)
    secret = await office.ref("secrets", "s", "web")
    plan = await office.desk.plan(await edited(office, secret, "aGlkZGVu", "c2hvd24="))
    assert [text.splitlines() for text in plan.commands] == [
        [
            "# the values of a Secret are not shown: make the change by hand, in the editor",
            "kubectl --context prod-eu -n web edit secrets/s",
        ]
    ]


async def test_an_undo_leaves_what_others_changed_since_in_the_same_list(office: Office, api: ObjectRef) -> None:
    before = office.there(api)["spec"]["template"]["spec"]["containers"]
    image = before[0]["image"]
    edited = (await office.desk.manifest(api)).replace(f"image: {image}", "image: ours:1")
    await office.do(Action.EDIT, api, manifest=edited)
    (entry, *_) = await office.journal()
    theirs = [{**office.there(api)["spec"]["template"]["spec"]["containers"][0], "env": [{"name": "A", "value": "1"}]}]
    theirs.append({"name": "sidecar", "image": "theirs:2"})
    patch = json.dumps({"spec": {"template": {"spec": {"containers": theirs}}}})
    await office.do(Action.RESTORE, api, patch=patch)
    wish = office.desk.undo_of(entry)
    assert wish is not None
    plan = await office.desk.plan(wish)
    assert plan.steps[0].warnings == ()
    assert "theirs:2" in plan.commands[0]
    await office.done(plan)
    first, sidecar = office.there(api)["spec"]["template"]["spec"]["containers"]
    assert (first["image"], first["env"]) == (image, [{"name": "A", "value": "1"}])
    assert sidecar["image"] == "theirs:2"


async def test_an_undo_says_which_fields_others_changed_too(office: Office, api: ObjectRef) -> None:
    image = office.there(api)["spec"]["template"]["spec"]["containers"][0]["image"]
    edited = (await office.desk.manifest(api)).replace(f"image: {image}", "image: ours:1")
    await office.do(Action.EDIT, api, manifest=edited)
    (entry, *_) = await office.journal()
    container = office.there(api)["spec"]["template"]["spec"]["containers"][0]
    theirs = {"spec": {"template": {"spec": {"containers": [{**container, "image": "theirs:2"}]}}}}
    await office.do(Action.RESTORE, api, patch=json.dumps(theirs))
    wish = office.desk.undo_of(entry)
    assert wish is not None
    (warning,) = (await office.desk.plan(wish)).steps[0].warnings
    assert f"spec.template.spec.containers[{container['name']}].image" in warning


async def test_an_edit_of_what_others_changed_since_is_a_conflict(office: Office, api: ObjectRef) -> None:
    wish = await edited(office, api, "replicas: 2", "replicas: 4")
    await office.do(Action.LABEL, api, pairs="mine=no")
    (step,) = (await office.desk.plan(wish)).steps
    assert step.problem is not None
    assert step.problem.kind is ProblemKind.CONFLICT
    assert "changed since it was opened" in step.problem.summary


async def test_an_edit_survives_a_status_that_moves_on(office: Office, api: ObjectRef) -> None:
    wish = await edited(office, api, "replicas: 2", "replicas: 4")
    cluster = office.sim.world.clusters["prod-eu"]
    kind = next(kind for kind in cluster.registry if kind.plural == "deployments")

    def move_on() -> None:
        live = office.there(api)
        status = {**live["status"], "observedGeneration": live["status"]["observedGeneration"] - 1}
        cluster.store.update(kind, {**live, "status": status}, status_only=True)

    move_on()
    plan = await office.desk.plan(wish)
    assert plan.steps[0].problem is None
    move_on()
    await office.done(plan)
    assert office.there(api)["spec"]["replicas"] == 4


async def test_a_race_between_plan_and_edit_is_a_conflict(office: Office, api: ObjectRef) -> None:
    plan = await office.desk.plan(await edited(office, api, "replicas: 2", "replicas: 4"))
    await office.do(Action.LABEL, api, pairs="mine=no")
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert (outcome.fate, outcome.problem and outcome.problem.kind) == (Fate.FAILED, ProblemKind.CONFLICT)
    assert office.there(api)["spec"]["replicas"] == 2


async def test_what_an_edit_may_not_change_is_said_in_the_servers_words(office: Office, api: ObjectRef) -> None:
    selector = "matchLabels:\n      app: "
    (step,) = (await office.desk.plan(await edited(office, api, f"{selector}payments-api", f"{selector}other"))).steps
    assert step.problem is not None
    assert "immutable" in step.problem.server_words or "does not match" in step.problem.server_words
    (step,) = (await office.desk.plan(await edited(office, api, "name: api\n", "name: other\n"))).steps
    assert step.problem is not None
    assert step.problem.summary == "an edit cannot change metadata.name: it is api"


async def test_a_typo_in_an_edit_is_refused_by_name(office: Office, api: ObjectRef) -> None:
    (step,) = (await office.desk.plan(await edited(office, api, "replicas: 2", "replicsa: 4"))).steps
    assert step.problem is not None
    assert 'unknown field "spec.replicsa"' in step.problem.server_words


async def test_a_secret_is_edited_without_its_values_reaching_diff_or_journal(office: Office) -> None:
    ref = await office.ref("secrets", "storefront-session", "web")
    old = office.there(ref)["data"]["key"]
    plan = await office.desk.plan(await edited(office, ref, old, "bmV3LXZhbHVl"))
    assert "bmV3LXZhbHVl" not in str(plan.steps)
    assert old not in str(plan.steps)
    assert "•••• (after)" in str(plan.steps[0].diff)
    await office.done(plan)
    raw = (office.folder / "state" / "journal.jsonl").read_text()
    assert "bmV3LXZhbHVl" not in raw
    assert old not in raw
    assert office.there(ref)["data"]["key"] == "bmV3LXZhbHVl"
