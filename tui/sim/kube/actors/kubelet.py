"""The kubelets of a cluster: they take pods that have a node from Pending to Running, restart what ends, pull what
is missing, say so in status and events, and let go of pods that are to go.

Times a status can hold are whole seconds, so containers begin and end on whole seconds: a log (see `logfiles`) can
then be remade from the status alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from tui.sim.kube.actors.addresses import PodAddresses
from tui.sim.kube.actors.behaviours import Program
from tui.sim.kube.actors.catalogue import NODES, PODS
from tui.sim.kube.actors.engine import Interest, Key
from tui.sim.kube.actors.podnews import PodNews
from tui.sim.kube.actors.podrecord import PodRecord, adopt, take_in_ephemeral
from tui.sim.kube.actors.podstatus import ContainerRun
from tui.sim.kube.actors.pulls import Pulls
from tui.sim.kube.actors.recorder import LIFETIME
from tui.sim.kube.actors.site import Site
from tui.sim.kube.dice import Dice
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_SANDBOX = 0.6  # seconds from a pod's arrival on its node to its having a network
_LONGEST_BACKOFF = 300.0
_FIRST_BACKOFF = 10.0
_HEALTHY_RUN = 600.0  # a run of this length makes the next back-off the first again
_PROBED_EVERY = 60.0  # seconds between two events about a probe that fails
_SHOWS_EXIT = 2.0  # seconds a finished container is shown as such before it is shown as backing off

Concerned = Callable[[str, str, str], bool]
"""Whether a container is meant, by namespace, pod and name."""


class Kubelets:
    """One object for all nodes: which node a pod is on is written in the pod."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._records: dict[str, PodRecord] = {}
        self._news = PodNews(site)
        self._pulls = Pulls(site, self._news)
        self._addresses = PodAddresses()

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {PODS.storage: self._concerned}

    def _concerned(self, record: WatchRecord) -> Iterable[Key]:
        """Its own status writes are no news: what counts is a new node, spec or deletion. A pod that comes as
        running already (thousands do, to measure with) is left alone until somebody does something to it."""
        obj, old = record.obj, record.old
        if record.change == "DELETED":
            self._records.pop(obj["metadata"]["uid"], None)
            self._pulls.forget(obj["metadata"]["uid"])
            self._addresses.release(obj["metadata"]["uid"])
            return ()
        if old is None and mapping(obj.get("status")).get("phase") == "Running":
            return ()
        if old is not None and old["spec"] is obj["spec"] and not obj["metadata"].get("deletionTimestamp"):
            return ()
        return ((obj["metadata"]["namespace"], obj["metadata"]["name"]),)

    def sync(self, key: Key) -> float | None:
        pod = self._site.get(PODS, key)
        if pod is None or not pod["spec"].get("nodeName"):
            return None
        record = self._record(pod)
        if pod["metadata"].get("deletionTimestamp"):
            return self._let_go(pod, record)
        if mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed"):
            return None
        self._follow_spec(pod, record)
        due = self._advance(pod, record)
        self._news.write(pod, record)
        return None if math.isinf(due) else max(0.0, due - self._site.now())

    def _record(self, pod: Obj) -> PodRecord:
        uid = pod["metadata"]["uid"]
        record = self._records.get(uid)
        if record is None:
            record = self._records[uid] = adopt(pod, self._site.now())
            if self._site.behaviours.is_degraded(pod):
                alike = sum(other.workload == record.workload for other in self._records.values())
                self._site.behaviours.settle_degraded(pod, alike - 1)
        return record

    def _follow_spec(self, pod: Obj, record: PodRecord) -> None:
        """A running pod may be given another image (kubectl set image pod/…): the container is restarted with it; and
        ephemeral containers (kubectl debug)."""
        take_in_ephemeral(pod, record)
        for container in (*items(pod["spec"].get("initContainers")), *pod["spec"]["containers"]):
            run = next((run for run in record.runs if run.name == container["name"]), None)
            if run is None or run.image == container["image"]:
                continue
            record.containers[run.name] = container
            if run.phase == "running" and not run.init:
                self._news.say(pod, run, "Killing", f"Container {run.name} definition changed, will be restarted")
                run.phase, run.ended, run.reason = "terminated", float(int(self._site.now())), "Completed"
                run.last = run.terminated(pod["metadata"]["uid"])
                run.phase, run.ready = "waiting", False
            run.image, run.reason, run.message = text(container["image"]), "ContainerCreating", ""
            record.retry_at.pop(run.name, None)
            self._pulls.forget(pod["metadata"]["uid"])

    def reconsider(self, namespace: str, workload: str) -> list[Key]:
        """The behaviour of a workload has changed while its pods run: those that now end do so at once, those that
        now live do not end. Returns the pods to look at."""
        now, keys = self._site.now(), list[Key]()
        mine = [record for record in self._records.values() if record.workload == (namespace, workload)]
        for siblings, record in enumerate(sorted(mine, key=lambda record: record.name)):
            pod = self._site.get(PODS, (namespace, record.name))
            if pod is None:
                continue
            self._site.behaviours.settle_degraded(pod, siblings)
            for run in (run for run in record.runs if not run.init):
                program = self._site.behaviours.program(pod, record.containers[run.name])
                record.retry_at.pop(run.name, None)
                run.ready = run.ready and program.ready_after is not None
                if run.phase == "running":
                    record.ends_at[run.name] = math.inf if program.runs_for is None else float(math.ceil(now))
                    record.exits_with[run.name] = program.exit_code
            keys.append((namespace, record.name))
        return keys

    def end_containers(self, concerned: Concerned, exit_code: int) -> list[Key]:
        """End the matched containers that run, by the next whole second. Returns the pods to look at."""
        keys: list[Key] = []
        for pod in self._site.store.list(PODS):
            namespace, name = text(pod["metadata"].get("namespace")), text(pod["metadata"]["name"])
            wanted = [one for one in pod["spec"]["containers"] if concerned(namespace, name, text(one["name"]))]
            if not wanted or not pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
                continue
            record = self._record(pod)
            names = {text(one["name"]) for one in wanted}
            for run in (run for run in record.runs if run.name in names and run.phase == "running"):
                record.ends_at[run.name] = float(math.ceil(self._site.now()))
                record.exits_with[run.name] = exit_code
            keys.append((namespace, name))
        return keys

    def ends_at(self, uid: str, container: str) -> float:
        """When the present run of a container will end, as far as that is settled; infinity where it is not."""
        record = self._records.get(uid)
        return math.inf if record is None else record.ends_at.get(container, math.inf)

    # towards running

    def _advance(self, pod: Obj, record: PodRecord) -> float:
        """Do what is due; when the next thing is."""
        now = self._site.now()
        if not record.address:
            if now < record.arrived + _SANDBOX:
                return record.arrived + _SANDBOX
            node = self._site.get(NODES, ("", text(pod["spec"]["nodeName"])))
            network = text(mapping((node or {}).get("spec")).get("podCIDR"))
            record.address = self._addresses.take(pod["metadata"]["uid"], network)
        # The ephemeral ones first, so that a pod can be looked into whose init containers fail (kubelet's SyncPod).
        due = min((self._turn(pod, record, run) for run in record.runs if run.ephemeral), default=math.inf)
        for run in record.runs:
            if run.init and not (run.phase == "terminated" and run.exit_code == 0):
                return min(due, self._turn(pod, record, run))
        main = [run for run in record.runs if not (run.init or run.ephemeral)]
        return min([due, *(self._turn(pod, record, run) for run in main)])

    def _turn(self, pod: Obj, record: PodRecord, run: ContainerRun) -> float:
        container = record.containers[run.name]
        program = self._site.behaviours.program(pod, container)
        if run.phase == "waiting":
            return self._wait(pod, record, run, program)
        if run.phase == "running":
            return self._live(pod, record, run, program)
        return self._after_end(pod, record, run)

    def _wait(self, pod: Obj, record: PodRecord, run: ContainerRun, program: Program) -> float:
        now = self._site.now()
        retry = record.retry_at.get(run.name, 0.0)
        if now < retry:
            return retry
        due = self._pulls.wait(pod, run, program)
        return self._start(pod, record, run, program) if due is None else due

    def _start(self, pod: Obj, record: PodRecord, run: ContainerRun, program: Program) -> float:
        run.phase, run.reason, run.message = "running", "", ""
        run.begun = float(int(self._site.now()))
        run.ready = False
        run.number += run.last is not None
        record.ready_at[run.name] = self._site.now() + (program.ready_after or 0.0)
        self._news.say(
            pod, run, "Created", "Container created" if self._site.minor >= 36 else f"Created container: {run.name}"
        )
        self._news.say(
            pod, run, "Started", "Container started" if self._site.minor >= 36 else f"Started container {run.name}"
        )
        record.ends_at[run.name], record.exits_with[run.name] = self._fate(pod, run, program)
        record.retry_at.pop(run.name, None)
        return self._live(pod, record, run, program)

    def _fate(self, pod: Obj, run: ContainerRun, program: Program) -> tuple[float, int]:
        """When this run ends and how. A few of those that live for ever have had one bad day in the past."""
        if program.runs_for is not None:
            return run.begun + max(1.0, float(int(program.runs_for))), program.exit_code
        dice = Dice(int(pod["metadata"]["uid"].replace("-", ""), 16) & (2**64 - 1), len(run.name))
        past = self._site.present - 3600 - run.begun
        if run.number == 0 and not run.init and past > 86400 and dice.one_in(6):
            return float(int(run.begun + past * dice.part())), dice.pick((137, 137, 1, 2))
        return math.inf, 0

    def _live(self, pod: Obj, record: PodRecord, run: ContainerRun, program: Program) -> float:
        now, ends = self._site.now(), record.ends_at.get(run.name, math.inf)
        if now >= ends:
            return self._end(pod, record, run, ends, record.exits_with.get(run.name, 0))
        if run.init or run.ephemeral or run.ready:
            return ends
        if program.ready_after is None:
            return min(ends, self._unready(pod, record, run, now))
        ready_at = record.ready_at.get(run.name, now)
        if now >= ready_at:
            run.ready = True
            return ends
        return min(ends, ready_at)

    def _unready(self, pod: Obj, record: PodRecord, run: ContainerRun, now: float) -> float:
        """A probe fails, first after a while and then every while; when next."""
        first = record.ready_at.get(run.name, now) + _PROBED_EVERY / 4
        if now < first:
            return first
        said = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        self._news.say(pod, run, "Unhealthy", said, "Warning")
        return max(now + _PROBED_EVERY, self._site.present - LIFETIME)

    # after an end

    def _end(self, pod: Obj, record: PodRecord, run: ContainerRun, when: float, exit_code: int) -> float:
        run.end(when, exit_code)
        if run.init and exit_code == 0:
            return self._site.now()
        return self._after_end(pod, record, run)

    def _after_end(self, pod: Obj, record: PodRecord, run: ContainerRun) -> float:
        policy = text(pod["spec"].get("restartPolicy")) or "Always"
        if run.ephemeral or policy == "Never" or (run.exit_code == 0 and (run.init or policy == "OnFailure")):
            return math.inf
        wait, now = self._backoff(record, run), self._site.now()
        if wait and now < run.ended + _SHOWS_EXIT:
            return run.ended + _SHOWS_EXIT
        run.last = run.terminated(pod["metadata"]["uid"])
        run.phase = "waiting"
        record.retry_at[run.name] = run.ended + wait
        if not wait:
            run.reason, run.message = "ContainerCreating", ""
            return now
        name = f"{pod['metadata']['name']}_{pod['metadata']['namespace']}({pod['metadata']['uid']})"
        run.reason = "CrashLoopBackOff"
        run.message = f"back-off {_go_seconds(wait)} restarting failed container={run.name} pod={name}"
        said = f"Back-off restarting failed container {run.name} in pod {name}"
        self._news.say(pod, run, "BackOff", said, "Warning")
        return record.retry_at[run.name]

    def _backoff(self, record: PodRecord, run: ContainerRun) -> float:
        """Seconds from the end of a run to the next: none after the first, then 10, 20, 40 … 300."""
        if run.ended - run.begun >= _HEALTHY_RUN:
            record.failures[run.name] = 0
        if run.name not in record.counted or record.counted[run.name] != run.number:
            record.counted[run.name] = run.number
            record.failures[run.name] = record.failures.get(run.name, 0) + 1
        failures = record.failures[run.name]
        return 0.0 if failures < 2 else min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(failures - 2, 9))

    # towards the end

    def _let_go(self, pod: Obj, record: PodRecord) -> float | None:
        """Graceful termination: SIGTERM, a moment to finish, a last status, and the object goes."""
        now = self._site.now()
        running = [run for run in record.runs if run.phase == "running"]
        grace = number(pod["metadata"].get("deletionGracePeriodSeconds"), 30)
        if record.stop_at is None:
            for run in running:
                self._news.say(pod, run, "Killing", f"Stopping container {run.name}")
            record.stop_at = float(math.ceil(now) + min(grace, 1)) if running else now
        if now < record.stop_at:
            return record.stop_at - now
        for run in running:
            run.end(record.stop_at, 0)
        if running:
            pod = self._news.write(pod, record)
        live = self._site.get(PODS, (pod["metadata"]["namespace"], pod["metadata"]["name"]))
        if live is not None and live["metadata"].get("deletionGracePeriodSeconds"):
            self._site.set_metadata(PODS, live, deletionGracePeriodSeconds=0)
        return None


def _go_seconds(seconds: float) -> str:
    """Go's Duration.String for whole seconds: 40s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
