"""Images, rollouts, jobs and nodes over real sockets, and what undoing each of them leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.changes.conftest import EU, Office
from tui.changes.revisions import REPLICA_SETS
from tui.errors import ProblemKind
from tui.model.changes import Action, Fate
from tui.model.kube import PODS
from tui.model.objects import Body, ObjectRef

STOREFRONT = "europe-docker.pkg.dev/acme-prod/web/storefront"


def image_of(office: Office, ref: ObjectRef, index: int = 0) -> str:
    return office.there(ref)["spec"]["template"]["spec"]["containers"][index]["image"]


def pods_of(office: Office, app: str, cluster: str = "prod-eu") -> list[Body]:
    return [pod for pod in _pods(office, cluster) if pod["metadata"].get("labels", {}).get("app") == app]


def _pods(office: Office, name: str) -> list[Body]:
    cluster = office.sim.world.clusters[name]
    kind = next(kind for kind in cluster.registry if kind.plural == "pods" and not kind.group)
    return list(cluster.store.list(kind, ""))


async def test_an_image_is_set_and_set_back(office: Office, api: ObjectRef) -> None:
    old = image_of(office, api)
    plan = await office.plan(Action.SET_IMAGE, api, images="api=example.com/api:9")
    assert plan.steps[0].summary == f"api: {old} → example.com/api:9"
    await office.done(plan)
    assert image_of(office, api) == "example.com/api:9"
    assert image_of(office, api, 1) != "example.com/api:9"
    await office.undo()
    assert image_of(office, api) == old


async def test_every_container_at_once(office: Office, api: ObjectRef) -> None:
    await office.do(Action.SET_IMAGE, api, images="*=example.com/all:1")
    assert {image_of(office, api, index) for index in (0, 1)} == {"example.com/all:1"}


async def test_an_image_that_changed_meanwhile_is_not_overwritten(office: Office, api: ObjectRef) -> None:
    plan = await office.plan(Action.SET_IMAGE, api, images="api=example.com/mine:1")
    await office.do(Action.SET_IMAGE, api, images="api=example.com/theirs:1")
    (outcome,) = (await office.carry_out(plan)).outcomes
    assert outcome.problem is not None
    assert (outcome.fate, outcome.problem.kind) == (Fate.FAILED, ProblemKind.CONFLICT)
    assert image_of(office, api) == "example.com/theirs:1"
    failed, *_ = await office.journal()
    assert failed.problem
    assert failed.undo is None


async def test_a_container_that_is_not_there_is_said_with_those_that_are(office: Office, api: ObjectRef) -> None:
    (step,) = (await office.plan(Action.SET_IMAGE, api, images="nosuch=x:1")).steps
    assert step.problem is not None
    assert step.problem.summary == "it has no container nosuch; it has api, proxy"


async def test_a_deployments_rollout_is_undone_and_the_undo_too(office: Office) -> None:
    ref = await office.ref("deployments", "storefront", "web")
    before = office.there(ref)["spec"]["template"]
    plan = await office.plan(Action.UNDO_ROLLOUT, ref)
    assert f"{STOREFRONT}:4.11.0" in plan.steps[0].summary
    await office.done(plan)
    assert image_of(office, ref) == f"{STOREFRONT}:4.11.0"
    await office.until(lambda: office.there(ref)["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "4")
    await office.undo()
    assert office.there(ref)["spec"]["template"] == before


async def test_a_revision_by_its_number(office: Office) -> None:
    ref = await office.ref("deployments", "storefront", "web")
    await office.do(Action.UNDO_ROLLOUT, ref, revision="1")
    assert image_of(office, ref) == f"{STOREFRONT}:4.10.3"
    (step,) = (await office.plan(Action.UNDO_ROLLOUT, ref, revision="77")).steps
    assert step.problem is not None
    assert "no revision 77 of it is remembered; there are " in step.problem.summary


async def test_a_stateful_sets_rollout_is_undone(office: Office) -> None:
    ref = await office.ref("statefulsets", "ledger-db", "payments")
    old = image_of(office, ref)
    await office.do(Action.SET_IMAGE, ref, images="postgres=postgres:17")
    revisions = await office.kind("controllerrevisions")
    store = office.sim.world.clusters["prod-eu"].store
    kind = next(k for k in office.sim.world.clusters["prod-eu"].registry if k.plural == revisions.plural)

    def remembered() -> bool:
        found = [one for one in store.list(kind, "payments") if one["metadata"]["name"].startswith("ledger-db-")]
        return len(found) == 2

    await office.until(remembered)
    await office.do(Action.UNDO_ROLLOUT, ref)
    assert image_of(office, ref) == old


async def test_what_has_no_rollout_is_refused(office: Office) -> None:
    for kind, name, namespace in (("configmaps", "storefront-settings", "web"), ("cronjobs", "invoice-export", "jobs")):
        ref = await office.ref(kind, name, namespace)
        for action in (Action.RESTART, Action.UNDO_ROLLOUT, Action.PAUSE, Action.CORDON, Action.DRAIN):
            (step,) = (await office.plan(action, ref)).steps
            assert step.problem is not None
            assert f"{ref.kind.plural}" in step.problem.summary
    assert office.written() == []


async def test_a_cron_job_is_suspended_and_goes_on(office: Office) -> None:
    ref = await office.ref("cronjobs", "invoice-export", "jobs")
    await office.do(Action.SUSPEND, ref)
    assert office.there(ref)["spec"]["suspend"] is True
    assert (await office.plan(Action.SUSPEND, ref)).steps[0].unchanged
    await office.undo()
    assert office.there(ref)["spec"]["suspend"] is False


async def test_a_job_is_triggered_as_kubectl_does_and_taken_back(office: Office) -> None:
    ref = await office.ref("cronjobs", "invoice-export", "jobs")
    jobs = await office.kind("jobs")
    plan = await office.plan(Action.TRIGGER, ref)
    name = plan.steps[0].summary.removeprefix("start job ")
    assert plan.commands[0].endswith(f"create job {name} --from=cronjob/invoice-export")
    await office.done(plan)
    job = office.there(ObjectRef(EU, jobs, "jobs", name))
    assert job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
    (owner,) = job["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("CronJob", "invoice-export", True)
    await office.undo()
    gone = ObjectRef(EU, jobs, "jobs", name)
    await office.until(lambda: office.seen(gone) is None)


async def node_of(office: Office, app: str) -> ObjectRef:
    """The node of the first pod of an application."""
    name = pods_of(office, app)[0]["spec"]["nodeName"]
    return await office.ref("nodes", name)


async def test_cordon_and_uncordon(office: Office) -> None:
    ref = await node_of(office, "storefront")
    await office.do(Action.CORDON, ref)
    assert office.there(ref)["spec"]["unschedulable"] is True
    await office.undo()
    assert not office.there(ref)["spec"].get("unschedulable")


async def test_a_drain_empties_the_node_but_for_daemons_and_is_undone_by_uncordon(office: Office) -> None:
    ref = await node_of(office, "storefront")
    plan = await office.plan(Action.DRAIN, ref, force="true", delete_emptydir_data="true")
    (step,) = plan.steps
    assert step.problem is None, step.problem
    progress = await office.done(plan)
    assert progress.outcomes[0].words.startswith("evicted ")
    left = [pod for pod in _on(office, ref) if not pod["metadata"].get("deletionTimestamp")]
    assert {pod["metadata"]["ownerReferences"][0]["kind"] for pod in left} == {"DaemonSet"}
    assert office.there(ref)["spec"]["unschedulable"] is True
    await office.undo()
    assert not office.there(ref)["spec"].get("unschedulable")


def _on(office: Office, node: ObjectRef) -> list[Body]:
    return [pod for pod in _pods(office, node.cluster.name) if pod["spec"].get("nodeName") == node.name]


BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: storefront, namespace: web}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: storefront}}}
"""


async def hold(office: Office) -> ObjectRef:
    """A budget that allows no disruption of the storefront, as its controller has understood it."""
    await office.apply(BUDGET, force="true")
    ref = await office.ref("poddisruptionbudgets", "storefront", "web")
    await office.until(lambda: office.there(ref).get("status", {}).get("disruptionsAllowed") == 0)
    return ref


async def test_a_drain_waits_for_a_budget_until_it_lets_go(office: Office) -> None:
    budget = await hold(office)
    ref = await node_of(office, "storefront")
    plan = await office.plan(Action.DRAIN, ref, force="true", delete_emptydir_data="true")
    assert any("disruption budget" in warning for warning in plan.steps[0].warnings)
    assert plan.steps[0].problem is None
    run = office.desk.carry_out(plan)

    def words() -> str:
        value = run.progress.feed.value
        return value.outcomes[0].words if value is not None else ""

    await office.until(lambda: "is held by its disruption budget (The disruption budget storefront needs" in words())
    await office.do(Action.DELETE, budget)
    await office.until(lambda: run.progress.feed.value is not None and run.progress.feed.value.finished)
    value = run.progress.feed.value
    assert value is not None
    assert value.outcomes[0].fate is Fate.DONE


async def test_a_cancelled_drain_says_how_far_it_came_and_can_be_taken_back(office: Office) -> None:
    await hold(office)
    ref = await node_of(office, "storefront")
    plan = await office.plan(Action.DRAIN, ref, force="true", delete_emptydir_data="true")
    run = office.desk.carry_out(plan)
    await office.until(lambda: "held" in (run.progress.feed.value or _never()).outcomes[0].words)
    run.cancel()
    await office.until(lambda: (run.progress.feed.value or _never()).finished)
    (outcome,) = (run.progress.feed.value or _never()).outcomes
    assert outcome.fate is Fate.FAILED
    assert outcome.problem is not None
    assert "the node stays cordoned" in outcome.problem.summary
    await office.undo()
    assert not office.there(ref)["spec"].get("unschedulable")


def _never() -> Any:
    raise AssertionError


async def test_pods_that_nobody_would_make_anew_stop_a_drain_before_it_begins(office: Office) -> None:
    node = await node_of(office, "storefront")
    pod: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "alone", "namespace": "web"},
        "spec": {"nodeName": node.name, "containers": [{"name": "c", "image": "x:1"}]},
    }
    await office.apply(json.dumps(pod))
    (step,) = (await office.plan(Action.DRAIN, node, delete_emptydir_data="true")).steps
    assert step.problem is not None
    assert "1 pod without an owner: nobody will make them anew (force deletes them): web/alone" in step.problem.summary
    assert office.seen(ObjectRef(EU, PODS, "web", "alone")) is not None
    (step,) = (await office.plan(Action.DRAIN, node, delete_emptydir_data="true", force="true")).steps
    assert step.problem is None
    assert any("web/alone" in warning for warning in step.warnings)


def test_what_remembers_a_deployment() -> None:
    assert REPLICA_SETS.path("web") == "/apis/apps/v1/namespaces/web/replicasets"


@pytest.mark.parametrize("name", ["a" * 63, "x"])
def test_generated_names_of_jobs_are_short_enough(name: str) -> None:
    from tui.changes.jobs import LONGEST, generated

    made = generated(name)
    assert len(made) <= LONGEST
    assert made.startswith(name[:40])
