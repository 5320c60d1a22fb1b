"""The desk over real sockets: every change as it is planned, carried out, written down and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.changes.conftest import EU, US, Office
from tui.changes.desk import Desk
from tui.changes.settings import ChangeSettings
from tui.clients.kube import KubeClient
from tui.clients.kubeconfig import ContextLoader
from tui.errors import ProblemKind, SourceError, UsageError
from tui.model.changes import Action, ChangeDesk, Fate, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.objects import ObjectRef


def test_it_is_what_the_screens_ask_for(office: Office) -> None:
    desk: ChangeDesk = office.desk
    assert desk


async def test_scale_is_tried_shown_made_and_taken_back(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="5")
    (step,) = plan.steps
    assert (step.summary, step.problem, step.undoable) == ("replicas 2 → 5", None, True)
    assert [line.sign + line.text for line in step.diff if line.sign in "+-"] == ["-  replicas: 2", "+  replicas: 5"]
    assert plan.commands == ("kubectl --context prod-eu -n payments scale deployments.apps/api --replicas=5",)
    assert office.there(api)["spec"]["replicas"] == 2  # so far it was only tried
    await office.done(plan)
    assert office.there(api)["spec"]["replicas"] == 5
    (entry,) = await office.journal()
    assert (entry.who, entry.action, entry.cluster, entry.name) == ("ana@example.com", Action.SCALE, "prod-eu", "api")
    assert entry.target == step.ref
    await office.undo()
    assert office.there(api)["spec"]["replicas"] == 2
    undo, done = await office.journal()
    assert (done.undone_by, undo.undone_by) == (undo.id, "")
    assert office.desk.undo_of(done) is None


async def test_one_plan_over_two_clusters(office: Office, api: ObjectRef) -> None:
    other = ObjectRef(US, api.kind, api.namespace, api.name)
    plan = await office.plan(Action.LABEL, api, other, pairs="owner=ana")
    assert [step.ref.cluster for step in plan.steps] == [EU, US]
    await office.done(plan)
    assert [office.there(ref)["metadata"]["labels"]["owner"] for ref in (api, other)] == ["ana", "ana"]


async def test_what_is_as_wished_is_not_written(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="2")
    assert plan.steps[0].unchanged
    assert plan.ready == ()
    progress = await office.carry_out(plan)
    assert progress.outcomes[0].fate is Fate.SKIPPED
    assert office.written() == []
    assert await office.journal() == ()


async def test_while_locked_nothing_is_sent(office: Office, api: ObjectRef) -> None:
    office.desk.relock()
    office.sim.requests.clear()
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    args = {"replicas": "1", "pairs": "a=b", "images": "api=x", "manifest": manifest, "patch": "{}"}
    for action in Action:
        with pytest.raises(SourceError) as refused:
            await office.desk.plan(Wish(action, (api,), args, (EU,) if action is Action.APPLY else ()))
        assert refused.value.problem.summary == "writing is locked"
    assert len(office.sim.requests) == 0


async def test_a_plan_made_while_unlocked_is_refused_once_locked(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SCALE, api, replicas="5")
    office.desk.relock()
    office.sim.requests.clear()
    with pytest.raises(SourceError):
        office.desk.carry_out(plan)
    assert len(office.sim.requests) == 0
    assert office.there(api)["spec"]["replicas"] == 2


async def test_a_read_only_cluster_is_refused_even_unlocked_and_among_others(office: Office, api: ObjectRef) -> None:
    desk = Desk(office.connect, office.clock, ChangeSettings(read_only=("prod-eu",), source="/c.yaml"))
    desk.unlock()
    other = ObjectRef(US, api.kind, api.namespace, api.name)
    office.sim.requests.clear()
    with pytest.raises(SourceError) as refused:
        await desk.plan(Wish(Action.RESTART, (other, api)))
    assert refused.value.problem.summary == "prod-eu is read-only: /c.yaml says so (read_only)"
    assert len(office.sim.requests) == 0
    await desk.stop()


def renamed(office: Office, context: str) -> Path:
    """The kubeconfig of prod-eu, whose context somebody has called otherwise."""
    document = yaml.safe_load(office.sim.kubeconfig("prod-eu").read_text())
    document["contexts"][0]["name"] = context
    path = office.folder / "renamed.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("pattern", ["prod-eu", "127.0.0.*"])
async def test_a_renamed_context_leads_round_no_rule(office: Office, api: ObjectRef, pattern: str) -> None:
    ref, path = ClusterRef("context:p", "p", Via.CONTEXT), renamed(office, "p")

    async def connect(cluster: ClusterRef) -> KubeClient:
        endpoint = await ContextLoader({}, office.clock).load_endpoint((path,), cluster.name)
        return KubeClient(office.http, endpoint, cluster)

    wish = Wish(Action.RESTART, (ObjectRef(ref, api.kind, api.namespace, api.name),))
    closed = Desk(connect, office.clock, ChangeSettings(read_only=(pattern,)))
    closed.unlock()
    office.sim.requests.clear()
    (step,) = (await closed.plan(wish)).steps
    assert step.problem is not None
    assert step.problem.summary == "p is read-only: the configuration says so (read_only)"
    assert len(office.sim.requests) == 0
    assert closed.refusal(ref) == step.problem
    await closed.stop()
    asking = Desk(connect, office.clock, ChangeSettings(production=(pattern,)))
    asking.unlock()
    assert (await asking.plan(wish)).typed == ("p",)
    await asking.stop()


@pytest.mark.parametrize(
    ("action", "args"),
    [
        (Action.SCALE, {"replicas": "4"}),
        (Action.LABEL, {"pairs": "a=b"}),
        (Action.PAUSE, {}),
        (Action.SET_IMAGE, {"images": "*=example.com/x:1"}),
    ],
)
async def test_an_undo_knows_which_object_was_meant(
    office: Office, api: ObjectRef, action: Action, args: dict[str, str]
) -> None:
    assert api.uid == ""
    await office.do(action, api, **args)
    (entry,) = await office.journal()
    assert entry.undo is not None
    assert [target.uid for target in entry.undo.targets] == [office.there(api)["metadata"]["uid"]]
    await office.undo()


async def test_a_plan_is_carried_out_once(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.RESTART, api)
    await office.done(plan)
    with pytest.raises(UsageError):
        office.desk.carry_out(plan)


async def test_production_must_be_typed(office: Office, api: ObjectRef) -> None:
    desk = Desk(office.connect, office.clock, ChangeSettings(production=("prod-*",)))
    desk.unlock()
    plan = await desk.plan(Wish(Action.RESTART, (api,)))
    assert plan.typed == ("prod-eu",)
    await desk.stop()


SENSELESS = [
    (Action.SCALE, {"replicas": "-1"}),
    (Action.SCALE, {"replicas": "many"}),
    (Action.SCALE, {}),
    (Action.LABEL, {"pairs": "no equals"}),
    (Action.LABEL, {"pairs": ""}),
    (Action.DELETE, {"propagation": "sideways"}),
    (Action.DELETE, {"grace": "soon"}),
    (Action.EDIT, {"manifest": "- a\n"}),
    (Action.RECREATE, {"manifest": "a: [\n"}),
    (Action.RESTORE, {"patch": "[]"}),
    (Action.DRAIN, {"grace": "x"}),
    (Action.DRAIN, {"timeout": "soon"}),
]


async def test_a_wish_without_sense_asks_nobody(office: Office, api: ObjectRef) -> None:
    office.sim.requests.clear()
    for action, args in SENSELESS:
        with pytest.raises(UsageError):
            await office.desk.plan(Wish(action, (api,), args))
    assert len(office.sim.requests) == 0


async def test_restart_rolls_the_pods(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.RESTART, api)
    assert not plan.steps[0].undoable
    await office.done(plan)
    annotations = office.there(api)["spec"]["template"]["metadata"]["annotations"]
    assert annotations["kubectl.kubernetes.io/restartedAt"].endswith("Z")


async def test_label_and_annotate_are_taken_back_to_the_letter(office: Office, api: ObjectRef) -> None:
    before = office.there(api)["metadata"]
    await office.do(Action.LABEL, api, pairs="team=other,fresh=yes")
    assert office.there(api)["metadata"]["labels"]["team"] == "other"
    await office.undo()
    assert office.there(api)["metadata"]["labels"] == before["labels"]
    awkward = '{"note": "a, b = c\\nd", "deployment.kubernetes.io/revision": null}'
    await office.do(Action.ANNOTATE, api, pairs=awkward)
    assert office.there(api)["metadata"]["annotations"]["note"] == "a, b = c\nd"
    await office.undo()
    assert "note" not in office.there(api)["metadata"]["annotations"]


async def test_pause_and_resume_take_each_other_back(office: Office, api: ObjectRef) -> None:
    await office.do(Action.PAUSE, api)
    assert office.there(api)["spec"]["paused"] is True
    plan = await office.plan(Action.RESTART, api)
    assert plan.steps[0].problem is not None
    await office.undo()
    assert not office.there(api)["spec"].get("paused")


async def test_delete_says_what_holds_it_and_is_made_anew(office: Office) -> None:
    ref = await office.ref("configmaps", "storefront-settings", "web")
    before = office.there(ref)
    plan = await office.plan(Action.DELETE, ref)
    assert {line.sign for line in plan.steps[0].diff} == {"-", "@"}
    progress = await office.done(plan)
    assert progress.outcomes[0].words == "deleted"
    assert office.seen(ref) is None
    plan = await office.desk.plan(office.desk.undo_of((await office.journal())[0]) or Wish(Action.DELETE))
    assert "it will be a new object" in plan.steps[0].warnings[0]
    await office.done(plan)
    after = office.there(ref)
    assert after["data"] == before["data"]
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


async def test_a_deleted_job_is_made_anew_with_a_selector_of_its_own(office: Office) -> None:
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}
    template = {"metadata": {"labels": {"app": "export"}}, "spec": pod}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "export", "namespace": "web"}}
    await office.apply(json.dumps({**job, "spec": {"template": template}}))
    ref = await office.ref("jobs", "export", "web")
    await office.until(lambda: office.there(ref)["spec"].get("selector"))
    first = office.there(ref)["metadata"]["uid"]
    await office.do(Action.DELETE, ref)
    await office.until(lambda: office.seen(ref) is None)
    await office.undo()
    await office.until(lambda: office.there(ref)["spec"].get("selector"))
    made = office.there(ref)
    uid = made["metadata"]["uid"]
    assert uid != first
    assert made["spec"]["selector"]["matchLabels"] == {"batch.kubernetes.io/controller-uid": uid}
    labels = made["spec"]["template"]["metadata"]["labels"]
    assert (labels["app"], labels["controller-uid"]) == ("export", uid)


async def test_a_finalizer_is_said_and_waited_for(office: Office) -> None:
    ref = await office.ref("configmaps", "storefront-settings", "web")
    await office.do(Action.RESTORE, ref, patch='{"metadata": {"finalizers": ["example.com/hold"]}}')
    plan = await office.plan(Action.DELETE, ref, propagation="foreground")
    assert any("example.com/hold" in warning for warning in plan.steps[0].warnings)
    progress = await office.done(plan)
    assert "being deleted" in progress.outcomes[0].words
    assert "example.com/hold" in progress.outcomes[0].words
    assert office.there(ref)["metadata"]["deletionTimestamp"]


async def test_a_namesake_is_not_deleted(office: Office) -> None:
    ref = await office.ref("configmaps", "storefront-settings", "web")
    plan = await office.plan(Action.DELETE, ref)
    await office.do(Action.DELETE, ref)
    await office.undo()
    progress = await office.carry_out(plan)
    (outcome,) = progress.outcomes
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert outcome.problem.kind is ProblemKind.CONFLICT
    assert office.seen(ref) is not None


@pytest.mark.parametrize(
    ("action", "args"),
    [
        (Action.LABEL, {"pairs": "a=b"}),
        (Action.SCALE, {"replicas": "7"}),
        (Action.RESTART, {}),
        (Action.SET_IMAGE, {"images": "api=x:1"}),
    ],
)
async def test_a_namesake_is_not_changed(office: Office, api: ObjectRef, action: Action, args: dict[str, str]) -> None:
    plan = await office.plan(action, api, **args)
    await office.do(Action.DELETE, api)
    await office.undo()
    before = office.there(api)
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.problem is not None
    assert outcome.problem.kind is ProblemKind.CONFLICT
    assert "no longer what it was" in outcome.problem.summary
    assert office.there(api)["spec"] == before["spec"]
    assert office.there(api)["metadata"].get("labels") == before["metadata"].get("labels")


async def test_an_object_that_is_not_the_one_looked_at_is_refused(office: Office, api: ObjectRef) -> None:
    ref = ObjectRef(api.cluster, api.kind, api.namespace, api.name, "not-its-uid")
    plan = await office.plan(Action.SCALE, ref, replicas="9")
    assert plan.steps[0].problem is not None
    assert plan.steps[0].problem.kind is ProblemKind.CONFLICT


async def test_a_secret_is_masked_and_its_deletion_cannot_be_undone(office: Office) -> None:
    ref = await office.ref("secrets", "storefront-session", "web")
    secret = office.there(ref)["data"]["key"]
    plan = await office.plan(Action.DELETE, ref)
    (step,) = plan.steps
    assert not step.undoable
    assert any("Secret" in warning for warning in step.warnings)
    await office.done(plan)
    raw = (office.folder / "state" / "journal.jsonl").read_text()
    assert secret not in raw + str(step.diff)
    assert "••••" in str(step.diff)
    (entry,) = await office.journal()
    assert entry.undo is None


async def test_what_is_noted_on_a_secret_is_not_written_down(office: Office) -> None:
    ref = await office.ref("secrets", "storefront-session", "web")
    secret = office.there(ref)["data"]["key"]
    await office.do(Action.ANNOTATE, ref, pairs=f"a.tool/note={secret}")
    await office.do(Action.LABEL, ref, pairs="team=other")
    raw = (office.folder / "state" / "journal.jsonl").read_text()
    assert secret not in raw
    assert "a.tool/note=••••" in raw
    assert [entry.args for entry in await office.journal()] == [{"pairs": "team=other"}, {}]
