"""Jobs and cron jobs."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.durations import between, since
from tui.sim.kube.objects import is_terminating, items, mapping, number, text
from tui.sim.kube.printers.base import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    Column,
    Printing,
    Printings,
    age_of,
    name_of,
    or_none,
    wide,
)
from tui.sim.kube.printers.formats import containers, has_condition, selector_or_none
from tui.sim.kube.status import Obj

_SELECTOR = Column("Selector", "A label query over pods that should match the pod count.")


def _job(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [
        name_of(obj),
        _job_status(obj),
        _completions(obj),
        _duration(mapping(obj.get("status")), now),
        age_of(obj, now),
        *containers(spec.get("template")),
        selector_or_none(spec.get("selector")),
    ]


def _job_status(obj: Obj) -> str:
    if has_condition(obj, "Complete"):
        return "Complete"
    if has_condition(obj, "Failed"):
        return "Failed"
    if is_terminating(obj):
        return "Terminating"
    if has_condition(obj, "Suspended"):
        return "Suspended"
    return "FailureTarget" if has_condition(obj, "FailureTarget") else "Running"


def _completions(obj: Obj) -> str:
    spec, succeeded = mapping(obj.get("spec")), number(mapping(obj.get("status")).get("succeeded"))
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = number(spec.get("parallelism"))
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(status: Obj, now: float) -> str:
    started, completed = text(status.get("startTime")), text(status.get("completionTime"))
    if not started:
        return ""
    return between(started, completed) if completed else since(started, now)


def _cron_job(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    job = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    last = text(status.get("lastScheduleTime"))
    return [
        name_of(obj),
        text(spec.get("schedule")),
        or_none(text(spec.get("timeZone"))),
        "True" if spec.get("suspend") else "False",
        len(items(status.get("active"))),
        since(last, now) if last else "<none>",
        age_of(obj, now),
        *containers(job.get("template")),
        selector_or_none(job.get("selector")),
    ]


PRINTINGS: Printings = {
    ("batch", "jobs"): Printing(
        (
            NAME,
            Column("Status", "Status of the job."),
            Column("Completions", "The number of pods which reached phase Succeeded."),
            Column("Duration", "Time required to complete the job."),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(_SELECTOR),
        ),
        _job,
    ),
    ("batch", "cronjobs"): Printing(
        (
            NAME,
            Column("Schedule", "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."),
            Column("Timezone", "The time zone name for the given schedule,"),
            Column("Suspend", "This flag tells the controller to suspend subsequent executions,", type="boolean"),
            Column("Active", "A list of pointers to currently running jobs.", type="integer"),
            Column("Last Schedule", "Information when was the last time the job was successfully scheduled."),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(_SELECTOR),
        ),
        _cron_job,
    ),
}
