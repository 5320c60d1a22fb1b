"""SUSPEND and UNSUSPEND, and TRIGGER: a Job from a CronJob, now, as `kubectl create job --from` makes it."""

from __future__ import annotations

import os

from msgspec.structs import replace

from tui.changes.drafts import Args, Draft, collection_of, merge, refuse, undo_by
from tui.model.bodies import obj, text
from tui.model.changes import Action, Wish
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import Write

JOBS = KindRef("batch", "v1", "jobs", "Job", "job")
MANUAL = "cronjob.kubernetes.io/instantiate"
LONGEST = 63
"""Characters of a Job's name: it becomes a label of its pods."""


def suspend(action: Action, ref: ObjectRef, live: Body) -> Draft:
    """SUSPEND or UNSUSPEND."""
    if ref.kind.qualified not in ("cronjobs.batch", "jobs.batch"):
        raise refuse(f"{ref.kind.plural} cannot be suspended: only cron jobs and jobs can")
    wanted = action is Action.SUSPEND
    if bool(obj(live, "spec").get("suspend")) is wanted:
        return Draft(ref, "suspended already" if wanted else "not suspended", None, live)
    back = Action.UNSUSPEND if wanted else Action.SUSPEND
    warnings = ("its running pods are deleted",) if wanted and ref.kind.plural == "jobs" else ()
    write = merge(ref, live, {"spec": {"suspend": wanted}})
    said = "starts no more jobs" if ref.kind.plural == "cronjobs" else "starts no more pods"
    summary = f"suspend: {said}" if wanted else "unsuspend"
    return Draft(ref, summary, write, live, undo=undo_by(Wish(back, (ref,))), warnings=warnings)


def trigger(ref: ObjectRef, live: Body, args: Args) -> Draft:
    if ref.kind.qualified != "cronjobs.batch":
        raise refuse(f"{ref.kind.plural} cannot be triggered: only cron jobs can")
    name = args.get("name", "").strip() or generated(ref.name)
    template = obj(live, "spec", "jobTemplate")
    metadata = obj(template, "metadata")
    body: Body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": ref.namespace,
            "annotations": {MANUAL: "manual", **obj(metadata, "annotations")},
            **({"labels": metadata["labels"]} if metadata.get("labels") else {}),
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": ref.name,
                    "uid": text(live, "metadata", "uid"),
                    "controller": True,
                }
            ],
        },
        "spec": obj(template, "spec"),
    }
    job = ObjectRef(ref.cluster, JOBS, ref.namespace, name)

    def undo(answer: Body) -> Wish | None:
        return Wish(Action.DELETE, (replace(job, uid=text(answer, "metadata", "uid")),))

    warnings = ("it is suspended; the job runs all the same",) if obj(live, "spec").get("suspend") is True else ()
    return Draft(ref, f"start job {name}", Write("POST", collection_of(job), body), None, undo=undo, warnings=warnings)


def generated(cron_job: str) -> str:
    """A name for a job that is started by hand; short enough, and hardly ever there already."""
    ending = f"-manual-{os.urandom(3).hex()}"
    return cron_job[: LONGEST - len(ending)].rstrip("-.") + ending
