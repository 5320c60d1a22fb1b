"""What the server refuses, and the causes it names."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import recordings
from tests.recordings import load
from tests.sim.kube.samples import PODS, container, kind_of, pod
from tui.sim.kube import admission
from tui.sim.kube.kinds import Kind
from tui.sim.kube.status import ApiError, Obj

REFUSED: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text())


def refusal(obj: Obj, kind: Kind, old: Obj | None = None) -> ApiError:
    defaulted = admission.default(old, kind) if old is not None else None
    with pytest.raises(ApiError) as refused:
        admission.validate(admission.default(obj, kind), kind, defaulted, "")
    assert refused.value.code == 422
    return refused.value


def causes(error: ApiError) -> list[str]:
    assert error.details is not None
    return [f"{cause['field']}: {cause['message']}" for cause in error.details["causes"]]


@pytest.mark.parametrize("case", REFUSED, ids=[f"{case['kind']} {case['refused'][0][:60]}" for case in REFUSED])
def test_what_is_wrong_is_named_field_by_field(case: dict[str, Any]):
    api_version, _, name = case["kind"].rpartition("/")
    kind = kind_of(name, api_version)
    error = refusal(case["object"], kind, case.get("was"))
    assert causes(error) == case["refused"]
    listed = case["refused"][0] if len(case["refused"]) == 1 else f"[{', '.join(case['refused'])}]"
    assert error.message.endswith(f'"{case["object"]["metadata"].get("name", "")}" is invalid: {listed}')


@recordings.needed
def test_an_invalid_pod_is_refused_as_recorded():
    recording = load("error-422-invalid")
    assert refusal(recording.request["body"], PODS).status() == recording.body


def test_a_pod_s_spec_stays_as_it_is():
    error = refusal(pod(hostname="h"), PODS, pod())
    assert causes(error) == [
        (
            "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
            "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
            "negative)\n"
        )
    ]


@pytest.mark.parametrize(
    ("new", "subresource", "allowed"),
    [
        (container(image="i:2"), "", True),
        (pod(activeDeadlineSeconds=5), "", True),
        (pod(tolerations=[{"key": "k", "operator": "Exists"}]), "", True),
        (pod(tolerations=[]), "", True),
        (pod(nodeName="n"), "", False),
        (pod(nodeName="n"), "binding", True),
        (pod(ephemeralContainers=[{"name": "e", "image": "i:1"}]), "", False),
        (pod(ephemeralContainers=[{"name": "e", "image": "i:1"}]), "ephemeralcontainers", True),
        (container(resources={"limits": {"cpu": "1"}}), "", False),
        (container(resources={"limits": {"cpu": "1"}}), "resize", True),
        (container(resources={"limits": {"cpu": "1"}}), None, True),
        (container(command=["x"]), None, False),
        (pod(containers=[]), "", False),
    ],
)
def test_which_changes_of_a_pod_go_through_which_door(new: Obj, subresource: str | None, allowed: bool):
    old, changed = admission.default(pod(), PODS), admission.default(new, PODS)
    if allowed:
        admission.validate(changed, PODS, old, subresource)
    else:
        with pytest.raises(ApiError):
            admission.validate(changed, PODS, old, subresource)


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "0 0 1 JAN mon-fri", "@hourly", "TZ=UTC 1,2 3 * * 0", "@every 5m"])
def test_cron_schedules_that_are_fine(schedule: str):
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod(restartPolicy="Never")["spec"]}}}}
    kind = kind_of("CronJob", "batch/v1")
    admission.validate(admission.default({"metadata": {"name": "c"}, "spec": spec}, kind), kind)


@pytest.mark.parametrize(
    ("labels", "extra", "wrong"),
    [
        ({}, {}, None),
        ({"app": "x", "job-name": "j"}, {}, None),
        ({}, {"selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "old"}}}, "`selector` not auto-gen"),
        ({"controller-uid": "old"}, {}, "spec.template.metadata.labels[controller-uid]"),
        ({"app": "x"}, {"selector": {"matchLabels": {"app": "x"}}, "manualSelector": True}, None),
    ],
)
def test_a_new_job_brings_no_selector_of_its_own_unless_it_says_so(labels: Obj, extra: Obj, wrong: str | None):
    kind = kind_of("Job", "batch/v1")
    template = {"metadata": {"labels": labels}, "spec": pod(restartPolicy="Never")["spec"]}
    job = admission.default({"metadata": {"name": "j"}, "spec": {"template": template, **extra}}, kind)
    if wrong is None:
        admission.validate(job, kind, None, "")
        return
    with pytest.raises(ApiError) as caught:
        admission.validate(job, kind, None, "")
    assert wrong in str(caught.value)
