"""What a kubelet writes into a pod's status, of what it knows of the pod's containers; pure.

The fields, and their order, are those of the recorded pods.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tui.sim.kube.objects import items, mapping, number, text, timestamp
from tui.sim.kube.status import Obj

_USER: Obj = {"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}}


@dataclass(slots=True)
class ContainerRun:
    """One container of a pod, as the kubelet knows it.

    phase: "waiting", "running" or "terminated". number: how often it has been restarted. ready, started: probes.
    begun, ended: whole seconds, since that is all a status can hold. last: the terminated state of the run before.
    ephemeral: added while the pod runs, to look around in it: it is not probed, not started again, and no part of
    whether the pod is well.
    """

    name: str
    image: str
    init: bool = False
    phase: str = "waiting"
    reason: str = "ContainerCreating"
    message: str = ""
    number: int = 0
    begun: float = 0.0
    ended: float = 0.0
    exit_code: int = 0
    ready: bool = False
    last: Obj | None = None
    ephemeral: bool = False

    def end(self, when: float, exit_code: int) -> None:
        self.phase, self.exit_code, self.ended = "terminated", exit_code, when
        self.reason, self.message = _reason(exit_code), ""
        self.ready = self.init and exit_code == 0

    def terminated(self, uid: str) -> Obj:
        """The `terminated` state of the run that has ended."""
        return {
            "exitCode": self.exit_code,
            "reason": self.reason,
            "startedAt": timestamp(self.begun),
            "finishedAt": timestamp(self.ended),
            "containerID": container_id(uid, self.name, self.number),
        }


def _reason(exit_code: int) -> str:
    if exit_code == 0:
        return "Completed"
    return "OOMKilled" if exit_code == 137 else "Error"


def container_id(uid: str, name: str, run: int) -> str:
    """The id of a container's run: as random to look at as a real one, and always the same."""
    return "containerd://" + hashlib.sha256(f"{uid}/{name}/{run}".encode()).hexdigest()


@lru_cache(maxsize=4096)
def image_id(image: str) -> str:
    """The digest an image resolves to."""
    repository = image.partition("@")[0]
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    return f"{repository}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def container_status(run: ContainerRun, container: Obj, uid: str) -> Obj:
    """One entry of containerStatuses."""
    was_made = run.phase != "waiting" or run.last is not None
    status: Obj = {
        "name": run.name,
        "state": _state(run, uid),
        "lastState": {"terminated": run.last} if run.last else {},
        "ready": run.ready,
        "restartCount": run.number,
        "image": run.image,
        "imageID": image_id(run.image) if was_made else "",
        "containerID": _current_id(run, uid) if was_made else None,
        "started": None if run.ephemeral else run.phase == "running",
        "resources": mapping(container.get("resources")) if was_made else None,
        "volumeMounts": _mounts(container) or None,
        "user": _USER if was_made else None,
    }
    return {field: value for field, value in status.items() if value is not None}


def _current_id(run: ContainerRun, uid: str) -> str:
    if run.phase == "waiting" and run.last is not None:
        return text(run.last.get("containerID"))
    return container_id(uid, run.name, run.number)


def _state(run: ContainerRun, uid: str) -> Obj:
    if run.phase == "running":
        return {"running": {"startedAt": timestamp(run.begun)}}
    if run.phase == "terminated":
        return {"terminated": run.terminated(uid)}
    waiting = {"reason": run.reason}
    return {"waiting": {**waiting, "message": run.message} if run.message else waiting}


def _mounts(container: Obj) -> list[Obj]:
    mounts: list[Obj] = []
    for mount in items(container.get("volumeMounts")):
        shown = {"name": mount.get("name"), "mountPath": mount.get("mountPath")}
        if mount.get("readOnly"):
            shown.update({"readOnly": True, "recursiveReadOnly": "Disabled"})
        mounts.append(shown)
    return mounts


def phase_of(runs: Sequence[ContainerRun], restart_policy: str) -> str:
    """The pod's phase (pkg/kubelet, getPhase)."""
    init = [run for run in runs if run.init]
    main = [run for run in runs if not (run.init or run.ephemeral)]
    if any(run.phase == "terminated" and run.exit_code and restart_policy == "Never" for run in init):
        return "Failed"
    if any(run.phase != "terminated" for run in init):
        return "Pending"
    if any(run.phase == "waiting" and run.last is None for run in main):
        return "Pending"
    if any(run.phase != "terminated" for run in main) or restart_policy == "Always":
        return "Running"
    if all(run.exit_code == 0 for run in main):
        return "Succeeded"
    return "Failed" if restart_policy == "Never" else "Running"


def conditions(pod: Obj, runs: Sequence[ContainerRun], phase: str, sandbox: bool, now: str) -> list[Obj]:
    """The pod's conditions, each with the time it last changed.

    sandbox: the pod has its network. now: a metav1.Time.
    """
    unready = [run.name for run in runs if not (run.init or run.ephemeral or run.ready)]
    uninitialised = [run.name for run in runs if run.init and not run.ready]
    ended = phase in ("Succeeded", "Failed")
    ready = _readiness(unready, ended, phase)
    initialised = ("True", "PodCompleted" if phase == "Succeeded" else "", "")
    if uninitialised and not ended:
        names = " ".join(uninitialised)
        initialised = ("False", "ContainersNotInitialized", f"containers with incomplete status: [{names}]")
    wanted = {
        "PodReadyToStartContainers": ("True" if sandbox and not ended else "False", "", ""),
        "Initialized": initialised,
        "Ready": ready,
        "ContainersReady": ready,
        "PodScheduled": ("True", "", ""),
    }
    before = {one["type"]: one for one in items(mapping(pod.get("status")).get("conditions"))}
    generation = number(pod["metadata"].get("generation"), 1)
    return [_condition(name, *wanted[name], before.get(name), generation, now) for name in wanted]


def _readiness(unready: list[str], ended: bool, phase: str) -> tuple[str, str, str]:
    if ended:
        return "False", "PodCompleted" if phase == "Succeeded" else "PodFailed", ""
    if unready:
        return "False", "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]"
    return "True", "", ""


def _condition(name: str, status: str, reason: str, message: str, before: Obj | None, generation: int, now: str) -> Obj:
    since = before["lastTransitionTime"] if before is not None and before.get("status") == status else now
    made: Obj = {
        "type": name,
        "observedGeneration": generation,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    made.update({"reason": reason} if reason else {})
    made.update({"message": message} if message else {})
    return made
