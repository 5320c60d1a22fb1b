"""The parts Jobs are made of: the server's defaults, the pods' labels, what counts as finished; pure."""

from __future__ import annotations

from collections.abc import Sequence

from tui.sim.kube.actors.catalogue import JOBS
from tui.sim.kube.actors.pods import from_template
from tui.sim.kube.objects import items, mapping, parse_timestamp, text, with_metadata
from tui.sim.kube.status import Obj

TRACKED = "batch.kubernetes.io/job-tracking"
"""The finalizer of pods that have not been counted yet."""

_INDEX = "batch.kubernetes.io/job-completion-index"


def with_defaults(job: Obj) -> Obj:
    """The Job as the API server stores it: a selector by its own uid, that label on its pods, counts spelt out.

    `job` itself where nothing is missing.
    """
    spec = job["spec"]
    if mapping(spec.get("selector")).get("matchLabels"):
        return job
    uid, name = job["metadata"]["uid"], job["metadata"]["name"]
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    template = mapping(spec.get("template"))
    marked = with_metadata(template, {"labels": {**mapping(mapping(template.get("metadata")).get("labels")), **labels}})
    whole = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 6,
        "manualSelector": False,
        "completionMode": "NonIndexed",
        "suspend": False,
        "podReplacementPolicy": "TerminatingOrFailed",
        **spec,
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}},
        "template": marked,
    }
    return {**with_metadata(job, {"labels": {**mapping(job["metadata"].get("labels")), **labels}}), "spec": whole}


def finished(job: Obj) -> float | None:
    """When it completed or failed; None = it has not."""
    for one in items(mapping(job.get("status")).get("conditions")):
        if one.get("type") in ("Complete", "Failed") and one.get("status") == "True":
            return parse_timestamp(text(one.get("lastTransitionTime"))) or 0.0
    return None


def failed(job: Obj) -> bool:
    conditions = items(mapping(job.get("status")).get("conditions"))
    return any(one.get("type") == "Failed" and one.get("status") == "True" for one in conditions)


def job_pod(job: Obj, pods: Sequence[Obj]) -> Obj:
    """The next pod of a Job; of an indexed one, that of the lowest index nobody works on or has done."""
    template = mapping(job["spec"].get("template"))
    if job["spec"].get("completionMode") != "Indexed":
        return from_template(JOBS, job, template, finalizers=[TRACKED])
    taken = {_index(pod) for pod in pods if mapping(pod.get("status")).get("phase") != "Failed"}
    index = next(number for number in range(len(taken) + 1) if str(number) not in taken)
    mark = {_INDEX: str(index)}
    pod = from_template(JOBS, job, template, labels=mark, annotations=mark, finalizers=[TRACKED])
    pod["metadata"] = {**pod["metadata"], "generateName": f"{job['metadata']['name']}-{index}-"}
    return pod


def completed(job: Obj, pods: Sequence[Obj]) -> str | None:
    """`status.completedIndexes`: "0-2,4"."""
    if job["spec"].get("completionMode") != "Indexed":
        return None
    done = sorted(int(_index(pod)) for pod in pods if mapping(pod.get("status")).get("phase") == "Succeeded")
    spans: list[list[int]] = []
    for index in done:
        if spans and spans[-1][1] == index - 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans) or None


def _index(pod: Obj) -> str:
    return text(mapping(pod["metadata"].get("annotations")).get(_INDEX)) or "0"
