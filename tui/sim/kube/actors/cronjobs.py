"""The CronJob controller: a Job at every moment of the schedule, and only the last few of them kept."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.kube.actors.catalogue import CRON_JOBS, JOBS
from tui.sim.kube.actors.cron import Schedule, parse
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.jobparts import failed, finished, with_defaults
from tui.sim.kube.actors.owners import owned_by, reference
from tui.sim.kube.actors.site import Site
from tui.sim.kube.objects import mapping, number, parse_timestamp, text, timestamp
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_KEPT_RUNS = 4  # runs of a cluster's past that are lived through: as many as leave a trace


class CronJobs:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._seen: set[str] = set()

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {CRON_JOBS.storage: own, JOBS.storage: lambda record: owned_by(CRON_JOBS, record)}

    def sync(self, key: Key) -> float | None:
        cron = self._site.get(CRON_JOBS, key)
        if cron is None or cron["metadata"].get("deletionTimestamp"):
            return None
        try:
            schedule = parse(text(cron["spec"].get("schedule")))
        except ValueError as error:
            said = f"unparseable schedule: {text(cron['spec'].get('schedule'))} : {error}"
            self._site.record.warning(CRON_JOBS, cron, "UnparseableSchedule", said, "cronjob-controller")
            return None
        self._look_at_jobs(cron)
        self._forget(cron)
        return None if cron["spec"].get("suspend") else self._run_due(cron, schedule)

    def _run_due(self, cron: Obj, schedule: Schedule) -> float | None:
        now = self._site.now()
        last = text(mapping(cron.get("status")).get("lastScheduleTime"))
        begun = parse_timestamp(last or text(cron["metadata"]["creationTimestamp"])) or now
        if not last:
            begun = max(begun, self._beginning(schedule, begun))
        due = schedule.after(begun)
        while due is not None and due <= now and (following := schedule.after(due)) is not None and following <= now:
            due = following  # missed ones are not made up for: the latest counts
        if due is None:
            return None
        if due > now:
            return due - now
        live = self._site.get(CRON_JOBS, (cron["metadata"]["namespace"], cron["metadata"]["name"])) or cron
        if self._may_start(live):
            self._start(live, due)
        following = schedule.after(now)
        return None if following is None else following - now

    def _beginning(self, schedule: Schedule, created: float) -> float:
        """From when on a cluster's past is lived through."""
        present, window = self._site.present, 3600.0
        while created < present - window:
            moments: list[float] = []
            moment = schedule.after(present - window)
            while moment is not None and moment <= present:
                moments.append(moment)
                moment = schedule.after(moment)
            if len(moments) >= _KEPT_RUNS:
                return moments[-_KEPT_RUNS] - 1
            window *= 4
        return created

    def _may_start(self, cron: Obj) -> bool:
        policy = cron["spec"].get("concurrencyPolicy")
        active = [job for job in self._site.children(cron, JOBS) if finished(job) is None]
        if policy == "Forbid" and active:
            said = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._site.record.normal(CRON_JOBS, cron, "JobAlreadyActive", said, "cronjob-controller")
            return False
        if policy == "Replace":
            self._site.delete_all(JOBS, active)
        return True

    def _start(self, cron: Obj, due: float) -> None:
        template = mapping(cron["spec"].get("jobTemplate"))
        made = mapping(template.get("metadata"))
        name = f"{cron['metadata']['name']}-{int(due // 60)}"
        metadata: Obj = {
            "name": name,
            "namespace": cron["metadata"]["namespace"],
            "labels": mapping(made.get("labels")),
            "annotations": {**mapping(made.get("annotations")), _SCHEDULED: timestamp(due)},
            "ownerReferences": [reference(CRON_JOBS, cron)],
        }
        if self._site.get(JOBS, (metadata["namespace"], name)) is None:
            job = self._site.store.create(
                JOBS, {"metadata": metadata, "spec": mapping(template.get("spec")), "status": {}}
            )
            self._site.store.update(JOBS, with_defaults(job))
            said = f"Created job {name}"
            self._site.record.normal(CRON_JOBS, cron, "SuccessfulCreate", said, "cronjob-controller")
        live = self._site.get(CRON_JOBS, (metadata["namespace"], cron["metadata"]["name"])) or cron
        status = {**mapping(live.get("status")), "lastScheduleTime": timestamp(due)}
        self._site.set_status(CRON_JOBS, live, {**status, "active": self._active(live)})

    def _active(self, cron: Obj) -> list[Obj] | None:
        found: list[Obj] = []
        for job in self._site.children(cron, JOBS):
            if finished(job) is None:
                metadata = job["metadata"]
                found.append(
                    {
                        "kind": "Job",
                        "namespace": metadata["namespace"],
                        "name": metadata["name"],
                        "uid": metadata["uid"],
                        "apiVersion": "batch/v1",
                        "resourceVersion": metadata["resourceVersion"],
                    }
                )
        return found or None

    def _look_at_jobs(self, cron: Obj) -> None:
        """Note which have finished since the last look."""
        status = {**mapping(cron.get("status")), "active": self._active(cron)}
        for job in self._site.children(cron, JOBS):
            ended, name = finished(job), text(job["metadata"]["name"])
            if ended is None or job["metadata"]["uid"] in self._seen:
                continue
            self._seen.add(job["metadata"]["uid"])
            outcome = "Failed" if failed(job) else "Complete"
            said = f"Saw completed job: {name}, condition: {outcome}"
            self._site.record.normal(CRON_JOBS, cron, "SawCompletedJob", said, "cronjob-controller")
            if outcome == "Complete":
                status["lastSuccessfulTime"] = timestamp(ended)
        self._site.set_status(CRON_JOBS, cron, status)

    def _forget(self, cron: Obj) -> None:
        spec = cron["spec"]
        jobs = sorted(self._site.children(cron, JOBS), key=lambda job: finished(job) or 0.0)
        ended = [job for job in jobs if finished(job) is not None]
        for jobs_of, limit in (
            ([job for job in ended if not failed(job)], number(spec.get("successfulJobsHistoryLimit"), 3)),
            ([job for job in ended if failed(job)], number(spec.get("failedJobsHistoryLimit"), 1)),
        ):
            for job in jobs_of[: max(0, len(jobs_of) - limit)]:
                self._site.delete(JOBS, job)
                self._seen.discard(job["metadata"]["uid"])
                said = f"Deleted job {job['metadata']['name']}"
                self._site.record.normal(CRON_JOBS, cron, "SuccessfulDelete", said, "cronjob-controller")
