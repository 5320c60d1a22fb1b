"""The Job controller: pods until enough have succeeded or too many have failed (pkg/controller/job)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.sim.kube.actors.catalogue import JOBS, PODS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.jobparts import TRACKED, completed, finished, job_pod, with_defaults
from tui.sim.kube.actors.owners import owned_by
from tui.sim.kube.actors.pods import is_active, is_ready
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, mapping, number, parse_timestamp, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_FIRST_RETRY = 10.0
_LONGEST_RETRY = 360.0


class Jobs:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {JOBS.storage: own, PODS.storage: self._pod_changed}

    def _pod_changed(self, record: WatchRecord) -> list[Key]:
        return list(owned_by(JOBS, record))

    def sync(self, key: Key) -> float | None:
        job = self._site.get(JOBS, key)
        if job is None:
            self._release_orphans(key)
            return None
        job = self._prepared(job)
        pods = self._site.children(job, PODS)
        if finished(job) or job["metadata"].get("deletionTimestamp"):
            self._release(pods)
            return self._expire(job)
        job = self._count(job, pods)
        return self._decide(job)

    def _prepared(self, job: Obj) -> Obj:
        """A Job made without the server's defaults (a manifest of a scenario) gets them."""
        whole = with_defaults(job)
        return job if whole is job else self._site.store.update(JOBS, whole)

    # counting

    def _count(self, job: Obj, pods: Sequence[Obj]) -> Obj:
        """Add what has newly ended to the sums; a finalizer marks the pods not counted yet."""
        status = mapping(job.get("status"))
        sums = {"succeeded": number(status.get("succeeded")), "failed": number(status.get("failed"))}
        ended = [pod for pod in pods if not is_active(pod) and TRACKED in pod["metadata"].get("finalizers", ())]
        counted: list[Obj] = []
        for pod in ended:
            phase = mapping(pod.get("status")).get("phase")
            if phase in ("Succeeded", "Failed"):
                sums["succeeded" if phase == "Succeeded" else "failed"] += 1
                counted.append(pod)
            elif not pod["spec"].get("nodeName") or pod["metadata"].get("deletionGracePeriodSeconds") == 0:
                sums["failed"] += 1
                counted.append(pod)
        active = [pod for pod in pods if is_active(pod)]
        going = [pod for pod in pods if pod["metadata"].get("deletionTimestamp") and pod not in counted]
        told: Obj = {
            **status,
            "startTime": status.get("startTime") or self._site.stamp,
            "active": len(active) or None,
            "succeeded": sums["succeeded"] or None,
            "failed": sums["failed"] or None,
            "completedIndexes": completed(job, pods),
            "terminating": len(going),
            "uncountedTerminatedPods": {},
            "ready": sum(map(is_ready, active)),
        }
        job = self._site.set_status(JOBS, job, told)
        self._release(counted)
        return job

    def _release(self, pods: Sequence[Obj]) -> None:
        for pod in pods:
            live = self._site.get(PODS, (pod["metadata"]["namespace"], pod["metadata"]["name"]))
            if live is not None and TRACKED in live["metadata"].get("finalizers", ()):
                self._site.drop_finalizer(PODS, live, TRACKED)

    def _release_orphans(self, key: Key) -> None:
        """The Job is gone: nobody will count its pods any more."""
        for pod in self._site.store.list(PODS, key[0]):
            labels = mapping(pod["metadata"].get("labels"))
            if labels.get("job-name") == key[1]:
                self._release([pod])

    # deciding

    def _decide(self, job: Obj) -> float | None:
        spec, status = job["spec"], mapping(job.get("status"))
        succeeded, failed = number(status.get("succeeded")), number(status.get("failed"))
        completions = spec.get("completions")
        active = [pod for pod in self._site.children(job, PODS) if is_active(pod)]
        if failed + self._restarts(job, active) > number(spec.get("backoffLimit"), 6):
            return self._fail(job, active, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        late = self._deadline(job)
        if late is not None and late <= 0:
            return self._fail(job, active, "DeadlineExceeded", "Job was active longer than specified deadline")
        if succeeded >= number(completions, 1) and not active:
            return self._complete(job)
        if spec.get("suspend"):
            self._site.delete_all(PODS, active)
            return None
        wanted = min(number(spec.get("parallelism"), 1), number(completions, 1) - succeeded)
        wait = self._retry_in(job, failed) if wanted > len(active) else None
        if wait:
            return wait
        for _ in range(wanted - len(active)):
            self._create(job)
        return late

    def _restarts(self, job: Obj, active: Sequence[Obj]) -> int:
        template = mapping(mapping(job["spec"].get("template")).get("spec"))
        if template.get("restartPolicy") != "OnFailure":
            return 0
        statuses = [one for pod in active for one in items(mapping(pod.get("status")).get("containerStatuses"))]
        return sum(number(one.get("restartCount")) for one in statuses)

    def _deadline(self, job: Obj) -> float | None:
        seconds = job["spec"].get("activeDeadlineSeconds")
        begun = parse_timestamp(text(mapping(job.get("status")).get("startTime")))
        return None if seconds is None or begun is None else begun + number(seconds) - self._site.now()

    def _retry_in(self, job: Obj, failed: int) -> float:
        """Seconds before a failed pod is replaced: 10, 20, 40 … 360 after the last failure."""
        if not failed:
            return 0.0
        ends = [_ended(pod) for pod in self._site.children(job, PODS)]
        last = max((end for end in ends if end is not None), default=None)
        if last is None:
            return 0.0
        return max(0.0, last + min(_LONGEST_RETRY, _FIRST_RETRY * 2.0 ** min(failed - 1, 9)) - self._site.now())

    def _create(self, job: Obj) -> None:
        pod = job_pod(job, self._site.children(job, PODS))
        made = self._site.create_pod(JOBS, job, pod, "job-controller")
        if made is None:
            return
        said = f"Created pod: {made['metadata']['name']}"
        self._site.record.normal(JOBS, job, "SuccessfulCreate", said, "job-controller")

    def _complete(self, job: Obj) -> float | None:
        message = "Reached expected number of succeeded pods"
        conditions = [
            self._condition(name, "CompletionsReached", message) for name in ("SuccessCriteriaMet", "Complete")
        ]
        status = {**mapping(job.get("status")), "conditions": conditions, "completionTime": self._site.stamp}
        done = self._site.set_status(JOBS, job, {**status, "ready": 0})
        self._site.record.normal(JOBS, job, "Completed", "Job completed", "job-controller")
        return self._expire(done)

    def _fail(self, job: Obj, active: Sequence[Obj], reason: str, message: str) -> float | None:
        conditions = [self._condition(name, reason, message) for name in ("FailureTarget", "Failed")]
        self._site.delete_all(PODS, active)
        status = {**mapping(job.get("status")), "conditions": conditions, "active": None, "ready": 0}
        done = self._site.set_status(JOBS, job, status)
        self._site.record.warning(JOBS, job, reason, message, "job-controller")
        return self._expire(done)

    def _condition(self, name: str, reason: str, message: str) -> Obj:
        stamp = self._site.stamp
        times = {"lastProbeTime": stamp, "lastTransitionTime": stamp}
        return {"type": name, "status": "True", **times, "reason": reason, "message": message}

    def _expire(self, job: Obj) -> float | None:
        """ttlSecondsAfterFinished."""
        lifetime, ended = job["spec"].get("ttlSecondsAfterFinished"), finished(job)
        if lifetime is None or ended is None:
            return None
        left = ended + number(lifetime) - self._site.now()
        if left > 0:
            return left
        self._site.delete(JOBS, job)
        return None


def _ended(pod: Obj) -> float | None:
    for one in items(mapping(pod.get("status")).get("containerStatuses")):
        ended = mapping(mapping(one.get("state")).get("terminated"))
        if ended and number(ended.get("exitCode")):
            return parse_timestamp(text(ended.get("finishedAt")))
    return None
