"""Planners by tables: object and arguments in; summary, request, warnings and undo out. No server, no time."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from msgspec.structs import replace

from tui.changes import applying, deleting, images, jobs, metadata, nodes, revisions, rollouts, scaling
from tui.changes.commands import LONGEST_PATCH, commands
from tui.changes.drafts import path_of, pointer
from tui.changes.trimming import reborn
from tui.errors import SourceError, UsageError
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.secrets import LAST_APPLIED
from tui.model.writes import Media

EU = ClusterRef("projects/acme/locations/global/memberships/prod-eu", "prod-eu", Via.GATEWAY)
DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment")
CRON_JOBS = KindRef("batch", "v1", "cronjobs", "CronJob")
NODES = KindRef("", "v1", "nodes", "Node", namespaced=False)
API = ObjectRef(EU, DEPLOYMENTS, "web", "api")
NIGHTLY = ObjectRef(EU, CRON_JOBS, "jobs", "nightly")
NODE = ObjectRef(EU, NODES, "", "n1")


def live(**spec: Any) -> Body:
    return {"kind": "X", "metadata": {"name": "x", "uid": "u-1", "labels": {"a": "1"}}, "spec": spec}


@pytest.mark.parametrize(
    ("scale", "wanted", "summary", "back"),
    [
        ({"spec": {"replicas": 3}}, "5", "replicas 3 → 5", "3"),
        ({"spec": {}}, "1", "replicas 0 → 1", "0"),
        ({"spec": {"replicas": 3}}, "0", "replicas 3 → 0", "3"),
    ],
)
def test_scale(scale: Body, wanted: str, summary: str, back: str) -> None:
    made = scaling.draft(API, {**scale, "metadata": {"uid": "u"}}, {"replicas": wanted})
    assert made.summary == summary
    assert made.write is not None
    assert made.write.path == "/apis/apps/v1/namespaces/web/deployments/api/scale"
    tests = [{"op": "test", "path": "/metadata/uid", "value": "u"}]
    if scale["spec"]:  # what is left out cannot be tested
        tests.append({"op": "test", "path": "/spec/replicas", "value": scale["spec"]["replicas"]})
    assert made.write.body == [*tests, {"op": "add", "path": "/spec/replicas", "value": int(wanted)}]
    assert made.undo is not None
    assert made.undo({}) == Wish(Action.SCALE, (API,), {"replicas": back})
    assert bool(made.warnings) is (wanted == "0")


def autoscaler(api: str = "apps/v1", kind: str = "Deployment", name: str = "api", **spec: Any) -> Body:
    target = {"apiVersion": api, "kind": kind, "name": name}
    return {"metadata": {"name": "auto"}, "spec": {"scaleTargetRef": target, "maxReplicas": 9, **spec}}


@pytest.mark.parametrize(
    ("autoscalers", "wanted", "warnings"),
    [
        ([], "5", ()),
        (
            [autoscaler(minReplicas=2)],
            "5",
            ("the autoscaler auto (2 to 9) sets the replicas, and will change them again",),
        ),
        (
            [autoscaler()],
            "0",
            (
                "no replica will be left",
                "the autoscaler auto (1 to 9) sets the replicas, and does nothing while there are none",
            ),
        ),
        ([autoscaler(name="other"), autoscaler(kind="StatefulSet"), autoscaler("example.com/v1"), {}], "5", ()),
        (None, "5", ("it cannot be seen whether an autoscaler sets the replicas, and would change them again",)),
    ],
)
def test_scaling_what_an_autoscaler_scales(
    autoscalers: list[Body] | None, wanted: str, warnings: tuple[str, ...]
) -> None:
    scale: Body = {"metadata": {"uid": "u"}, "spec": {"replicas": 3}}
    assert scaling.draft(API, scale, {"replicas": wanted}, autoscalers).warnings == warnings


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ("a=b", {"a": "b"}),
        ("a=b,c-", {"a": "b", "c": None}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        (" a=b , ", {"a": "b"}),
        ('{"a": "b,c", "d": null}', {"a": "b,c", "d": None}),
    ],
)
def test_pairs(pairs: str, found: dict[str, str | None]) -> None:
    assert metadata.pairs_of({"pairs": pairs}) == found
    assert metadata.pairs_of(metadata.as_args(found)) == found


@pytest.mark.parametrize("pairs", ["", "a", "=b", "-", '{"a": 1}', "{", '{"": "x"}', "{}"])
def test_pairs_that_say_nothing(pairs: str) -> None:
    with pytest.raises(UsageError):
        metadata.pairs_of({"pairs": pairs})


@pytest.mark.parametrize("pairs", [{LAST_APPLIED: None}, {LAST_APPLIED: '{"data":{"password":"bmV3"}}'}])
def test_the_values_of_a_secret_in_an_annotation_are_neither_said_nor_kept(pairs: dict[str, str | None]) -> None:
    secrets = KindRef("", "v1", "secrets", "Secret")
    note = '{"apiVersion":"v1","data":{"password":"aHVudGVyMg=="},"kind":"Secret"}'
    held: Body = {"metadata": {"name": "s", "uid": "u", "annotations": {LAST_APPLIED: note}}}
    ref = ObjectRef(ClusterRef("context:c", "c", Via.CONTEXT), secrets, "web", "s")
    draft = metadata.draft(Action.ANNOTATE, ref, held, metadata.as_args(pairs))
    assert draft.undo is None
    assert not any(value in draft.summary for value in ("aHVudGVyMg", "bmV3", "password"))
    plain = metadata.draft(Action.ANNOTATE, ref, held, metadata.as_args({"team": "red"}))
    assert plain.undo is not None
    assert "team=red" in plain.summary


@pytest.mark.parametrize(
    "pairs", [{"tool/pw": None}, {"tool/pw": "x"}, {"b": '{"stringData":{"p":"n"}}'}, {"c": "hunter22"}]
)
def test_nor_those_that_a_tool_unknown_to_us_noted_down(pairs: dict[str, str | None]) -> None:
    secrets = KindRef("", "v1", "secrets", "Secret")
    held: Body = {
        "metadata": {"name": "s", "uid": "u", "annotations": {"tool/pw": "it is hunter22"}},
        "data": {"password": "aHVudGVyMjI="},
    }
    ref = ObjectRef(ClusterRef("context:c", "c", Via.CONTEXT), secrets, "web", "s")
    draft = metadata.draft(Action.ANNOTATE, ref, held, metadata.as_args(pairs))
    assert draft.undo is None
    assert "hunter22" not in draft.summary
    assert "stringData" not in draft.summary


def test_labels_hit_only_the_object_that_was_looked_at() -> None:
    made = metadata.draft(Action.LABEL, API, live(), {"pairs": "a=2,b=3"})
    assert made.summary == "a 1 → 2, b=3"
    assert made.write is not None
    assert made.write.body == {"metadata": {"labels": {"a": "2", "b": "3"}, "uid": "u-1"}}
    assert made.undo is not None
    undo = made.undo({})
    assert undo is not None
    assert metadata.pairs_of(undo.args) == {"a": "1", "b": None}
    assert metadata.draft(Action.LABEL, API, live(), {"pairs": "a=1,z-"}).write is None


POD_SPEC = {"initContainers": [{"name": "init", "image": "i:1"}], "containers": [{"name": "c", "image": "c:1"}]}


@pytest.mark.parametrize(
    ("spec", "start"),
    [
        (POD_SPEC, "/spec"),
        ({"template": {"spec": POD_SPEC}}, "/spec/template/spec"),
        ({"jobTemplate": {"spec": {"template": {"spec": POD_SPEC}}}}, "/spec/jobTemplate/spec/template/spec"),
    ],
)
def test_images_wherever_the_pods_are_described(spec: Any, start: str) -> None:
    made = images.draft(API, live(**spec), {"images": "*=x:2"})
    assert made.write is not None
    assert isinstance(made.write.body, list)
    paths = [operation["path"] for operation in made.write.body if operation["op"] == "replace"]
    assert paths == [f"{start}/initContainers/0/image", f"{start}/containers/0/image"]
    assert made.undo is not None
    assert made.undo({}) == Wish(Action.SET_IMAGE, (API,), {"images": "init=i:1,c=c:1"})
    assert images.draft(API, live(**spec), {"images": "c=c:1"}).write is None


@pytest.mark.parametrize("given", ["", "c", "=x", "c=", "c=x y"])
def test_images_that_are_none(given: str) -> None:
    with pytest.raises(UsageError):
        images.images_of({"images": given})


def test_restart_says_when_and_warns_where_nothing_restarts_by_itself() -> None:
    made = rollouts.restart(API, live(), 1_700_000_000.9)
    assert made.write is not None
    assert isinstance(made.write.body, dict)
    annotations = made.write.body["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {rollouts.RESTARTED_AT: "2023-11-14T22:13:20Z"}
    assert made.undo is None
    assert rollouts.restart(API, live(updateStrategy={"type": "OnDelete"}), 0).warnings


def revision(number: int, image: str, uid: str = "u-1") -> Body:
    return {
        "metadata": {
            "annotations": {revisions.REVISION: str(number), "kept": str(number), revisions.LAST_APPLIED: "old"},
            "ownerReferences": [{"uid": uid, "controller": True}],
        },
        "spec": {"template": template(image, hash="abc")},
    }


def template(image: str, **labels: str) -> Body:
    hashed = {"pod-template-hash": labels["hash"]} if labels else {}
    return {"metadata": {"labels": {"app": "x", **hashed}}, "spec": {"containers": [{"name": "c", "image": image}]}}


def test_undo_of_a_rollout_as_kubectl_does_it() -> None:
    deployment = live(template=template("c:3"))
    deployment["metadata"]["annotations"] = {revisions.LAST_APPLIED: "mine", "gone": "x", revisions.REVISION: "3"}
    found = revisions.history(
        deployment, [revision(3, "c:3"), revision(10, "c:9", "other"), revision(2, "c:2"), revision(1, "c:1")]
    )
    assert [one.number for one in found] == [1, 2, 3]
    made = revisions.draft(API, deployment, found, {})
    assert made.summary == "back to revision 2 (c:2)"
    assert made.write is not None
    assert isinstance(made.write.body, list)
    _, put, annotate = made.write.body
    assert put["value"] == template("c:2")
    assert annotate["value"] == {revisions.LAST_APPLIED: "mine", revisions.REVISION: "3", "kept": "2"}
    assert made.undo is not None
    assert made.undo({}) == Wish(Action.UNDO_ROLLOUT, (API,), {"revision": "3"})
    assert revisions.draft(API, deployment, found, {"revision": "3"}).write is None
    for args, history in (({"revision": "9"}, found), ({}, found[-1:]), ({}, [])):
        with pytest.raises(SourceError):
            revisions.draft(API, deployment, history, args)


@pytest.mark.parametrize(
    ("selector", "query"),
    [
        ({"matchLabels": {"app": "x", "tier": "y"}}, "app=x,tier=y"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, "a in (1,2)"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, "a notin (1)"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "DoesNotExist"}]}, "a,!b"),
    ],
)
def test_a_selector_as_a_query(selector: Body, query: str) -> None:
    assert revisions.selector_of(live(selector=selector)) == query


def test_a_job_is_what_kubectl_makes_of_a_cron_job() -> None:
    cron = live(jobTemplate={"metadata": {"labels": {"l": "1"}, "annotations": {"n": "2"}}, "spec": {"template": {}}})
    made = jobs.trigger(NIGHTLY, cron, {"name": "now"})
    assert made.write is not None
    assert made.write.path == "/apis/batch/v1/namespaces/jobs/jobs"
    assert made.write.body == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "now",
            "namespace": "jobs",
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual", "n": "2"},
            "labels": {"l": "1"},
            "ownerReferences": [
                {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": "u-1", "controller": True}
            ],
        },
        "spec": {"template": {}},
    }


def pod(name: str, owner: str = "ReplicaSet", phase: str = "Running", **more: Any) -> Body:
    owners = [{"kind": owner, "name": f"{owner}-1", "controller": True}] if owner else []
    metadata_ = {
        "name": name,
        "namespace": "web",
        "uid": f"uid-{name}",
        "ownerReferences": owners,
        **more.pop("metadata", {}),
    }
    return {"metadata": metadata_, "spec": more, "status": {"phase": phase}}


MIRROR = {"annotations": {nodes.MIRROR: "x"}}
SCRATCH = [{"name": "s", "emptyDir": {}}]
SETS = {("web", "DaemonSet-1"): True}


@pytest.mark.parametrize(
    ("pods", "args", "taken", "left"),
    [
        ([pod("a"), pod("b", "DaemonSet")], {}, ["a"], 1),
        ([pod("m", "Node", metadata=MIRROR), pod("a")], {}, ["a"], 1),
        ([pod("done", "", "Succeeded"), pod("failed", "", "Failed", volumes=SCRATCH)], {}, ["done", "failed"], 0),
        ([pod("alone", "")], {"force": "true"}, ["alone"], 0),
        ([pod("s", volumes=SCRATCH)], {"delete-emptydir-data": "true"}, ["s"], 0),
        ([], {}, [], 0),
    ],
)
def test_which_pods_a_drain_takes(pods: list[Body], args: dict[str, str], taken: list[str], left: int) -> None:
    made = nodes.drain(NODE, live(), pods, SETS, args)
    assert made.eviction is not None
    assert [name for _, name, _ in made.eviction.pods] == taken
    assert made.eviction.left == left
    assert made.undo is not None
    assert made.undo({}) == Wish(Action.UNCORDON, (NODE,))


@pytest.mark.parametrize(
    ("pods", "sets", "words"),
    [
        ([pod("alone", "")], SETS, "1 pod without an owner"),
        ([pod("s", volumes=SCRATCH), pod("t", volumes=SCRATCH)], SETS, "2 pods with data in an emptyDir"),
        ([pod("d", "DaemonSet")], {("web", "DaemonSet-1"): False}, "of a daemon set that is gone"),
    ],
)
def test_which_pods_stop_a_drain(pods: list[Body], sets: dict[tuple[str, str], bool], words: str) -> None:
    with pytest.raises(SourceError) as refused:
        nodes.drain(NODE, live(), pods, sets, {})
    assert words in refused.value.problem.summary


def test_what_cannot_be_brought_back_has_no_undo() -> None:
    owned = {**live(), "metadata": {"name": "x", "uid": "u", "ownerReferences": [{"controller": True}]}}
    assert deleting.draft(API, owned, {}).undo is None
    assert deleting.draft(ObjectRef(EU, PODS, "web", "p"), live(), {}).undo is None
    made = deleting.draft(API, {**live(), "status": {"s": 1}}, {"propagation": "orphan", "grace": "0"})
    assert made.write is not None
    assert made.write.body == {
        "propagationPolicy": "Orphan",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "u-1"},
    }
    assert made.undo is not None
    wish = made.undo({})
    assert wish is not None
    assert "uid" not in wish.args["manifest"]
    assert "status" not in wish.args["manifest"]
    assert wish.targets[0].uid == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1", "document 1 of the manifest is no Kubernetes object"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}", "apply needs a name"),
        ("apiVersion: v1\nkind: Pod\n", "it needs metadata.name"),
        ("", "the manifest holds no object"),
        ("- a", "is no Kubernetes object"),
    ],
)
def test_manifests_that_cannot_be_applied(text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        applying.documents_of({"manifest": text})
    assert words in str(refused.value)


def test_a_kind_is_served_in_the_versions_that_discovery_names_and_in_no_other() -> None:
    served = replace(DEPLOYMENTS, version="v2", others=("v1", "v1beta1"))

    def found(api: str) -> KindRef | None:
        text = f"apiVersion: {api}\nkind: Deployment\nmetadata: {{name: a}}\n"
        return applying.kind_of(applying.documents_of({"manifest": text})[0], [PODS, served])

    assert found("apps/v2") == served
    old = found("apps/v1beta1")
    assert old is not None
    assert (old.version, old.others) == ("v1beta1", ("v2", "v1"))
    assert found("apps/v1alpha1") is None
    assert found("other/v2") is None


def test_a_list_is_its_items_and_the_documents_version_is_used() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: a}}\n"
    (document,) = applying.documents_of({"manifest": text})
    kind = applying.kind_of(document, [PODS, replace(DEPLOYMENTS, others=("v1beta1",))])
    assert kind is not None
    assert (kind.version, kind.plural) == ("v1beta1", "deployments")
    ref = applying.ref_of(document, EU, kind, "web")
    made = applying.draft(ref, None, document, {"force": "true"})
    assert made.write is not None
    assert (made.write.media, made.write.query) == (Media.APPLY_PATCH, {"force": "true"})
    assert made.write.path == "/apis/apps/v1beta1/namespaces/web/deployments/a"


@pytest.mark.parametrize(
    ("wish", "command"),
    [
        (Wish(Action.RESTART, (API,)), "rollout restart deployments.apps/api"),
        (Wish(Action.UNDO_ROLLOUT, (API,), {"revision": "2"}), "rollout undo deployments.apps/api --to-revision=2"),
        (Wish(Action.SET_IMAGE, (API,), {"images": "a=x:1,b=y:2"}), "set image deployments.apps/api a=x:1 b=y:2"),
        (Wish(Action.LABEL, (API,), {"pairs": "a=b c,d-"}), "label deployments.apps/api --overwrite 'a=b c' d-"),
        (Wish(Action.DELETE, (API,), {"propagation": "orphan"}), "delete deployments.apps/api --cascade=orphan"),
        (
            Wish(Action.SUSPEND, (NIGHTLY,)),
            """patch cronjobs.batch/nightly --type=merge -p '{"spec":{"suspend":true}}'""",
        ),
        (Wish(Action.TRIGGER, (NIGHTLY,)), "create job made --from=cronjob/nightly"),
        (Wish(Action.EDIT, (API,)), "edit deployments.apps/api"),
    ],
)
def test_the_same_by_hand(wish: Wish, command: str) -> None:
    (made,) = commands(wish, {NIGHTLY: "made"})
    namespace = wish.targets[0].namespace
    assert made == f"kubectl --context connectgateway_acme_global_prod-eu -n {namespace} {command}"


def test_commands_of_nodes_and_manifests() -> None:
    args = {"force": "true", "delete-emptydir-data": "true", "grace": "5"}
    (made,) = commands(Wish(Action.DRAIN, (NODE,), args), {})
    assert made.endswith("drain n1 --ignore-daemonsets --force --delete-emptydir-data --grace-period=5 --timeout=900s")
    (made,) = commands(Wish(Action.DRAIN, (NODE,), {"timeout": "1h"}), {})
    assert made.endswith("--timeout=3600s")
    (made,) = commands(Wish(Action.APPLY, (), {"force": "true", "namespace": "web"}, (EU,)), {})
    assert made.endswith("-n web apply --server-side --field-manager=clusterview --force-conflicts -f FILE")
    hostile = ObjectRef(EU, DEPLOYMENTS, "web", "x; rm -rf ~")
    assert "'deployments.apps/x; rm -rf ~'" in commands(Wish(Action.RESTART, (hostile,)), {})[0]


def test_paths_and_pointers_are_escaped() -> None:
    assert (
        path_of(ObjectRef(EU, DEPLOYMENTS, "w/b", "../x?y")) == "/apis/apps/v1/namespaces/w%2Fb/deployments/..%2Fx%3Fy"
    )
    assert pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"


@pytest.mark.parametrize(
    ("kind", "spec", "lost"),
    [
        (KindRef("", "v1", "namespaces", "Namespace", namespaced=False), {}, "every object in namespace x"),
        (
            KindRef(
                "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False
            ),
            {"names": {"kind": "Gadget"}, "scope": "Namespaced"},
            "every Gadget in all namespaces is deleted with it",
        ),
        (
            KindRef("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
            {"volumeName": "pv-7"},
            "where the reclaim policy of volume pv-7 is Delete",
        ),
        (
            KindRef("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False),
            {"persistentVolumeReclaimPolicy": "Delete", "claimRef": {"namespace": "web", "name": "data"}},
            "reclaim policy Delete: its data may go with it; claim web/data loses its volume",
        ),
        (
            KindRef("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False),
            {"persistentVolumeReclaimPolicy": "Retain"},
            "reclaim policy Retain: its data stays in the storage",
        ),
    ],
)
def test_what_goes_with_a_deletion_is_said_and_no_undo_promised(kind: KindRef, spec: Body, lost: str) -> None:
    draft = deleting.draft(ObjectRef(EU, kind, "web" if kind.namespaced else "", "x"), live(**spec), {})
    assert draft.undo is None
    assert lost in draft.warnings[0]


def test_a_claim_without_a_volume_has_no_data_to_lose() -> None:
    claims = KindRef("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
    assert deleting.draft(ObjectRef(EU, claims, "web", "x"), live(), {}).warnings == ()


def test_a_manual_selector_stays_with_its_job() -> None:
    labels = {"app": "x", "controller-uid": "u-1", "batch.kubernetes.io/job-name": "x"}
    spec = {"selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": labels}}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x", "labels": labels}, "spec": spec}
    generated = reborn(job)
    assert generated["metadata"]["labels"] == {"app": "x"}
    assert generated["spec"] == {"template": {"metadata": {"labels": {"app": "x"}}}}
    manual = {**job, "spec": {**spec, "manualSelector": True}}
    assert reborn(manual) == manual


@pytest.mark.parametrize(
    ("patch", "verb", "said"),
    [
        ("x" * LONGEST_PATCH, "patch", False),
        ("x" * (LONGEST_PATCH + 1), "edit", True),
        ("é" * (LONGEST_PATCH // 2), "patch", False),
        ("é" * (LONGEST_PATCH // 2 + 1), "edit", True),
    ],
    ids=["as-long-as-may-be", "longer", "two-bytes-a-letter", "longer-in-bytes"],
)
def test_a_patch_too_long_for_a_command_line_is_left_to_the_editor_and_says_so(
    patch: str, verb: str, said: bool
) -> None:
    (made,) = commands(Wish(Action.EDIT, (API,), {"patch": patch}), {})
    assert f" {verb} deployments.apps/api" in made
    assert made.startswith("# the change is too long for a command line") is said


VALUES = ["a\n\nb\n\nc", "tab\there", "it's \\ \x1b[31m", "line\u2028end", "\U000e0041", "plain é 日本", "\x1b123"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash to read it")
@pytest.mark.parametrize("value", VALUES)
def test_a_shell_reads_back_what_was_meant(value: str) -> None:
    (made,) = commands(Wish(Action.ANNOTATE, (API,), {"pairs": json.dumps({"note": value})}), {})
    assert made.isprintable()
    script = made.replace("kubectl", "printf %s@", 1)
    said = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}).stdout
    assert f"@note={value}@".encode() in said + b"@"
