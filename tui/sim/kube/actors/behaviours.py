"""How the containers of a scenario live, and what any other container may be taken to do.

A behaviour belongs to an image of a workload: give a crash-looping Deployment another image and it runs, as a person
who has found the fault expects. What the scenario does not speak of (a pod made with kubectl) is read from its
command, its image and its restart policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.sim.kube.actors.owners import controller_of
from tui.sim.kube.logagents import CONNECT_AGENT, CONNECT_AGENT_CUT_OFF, EXTENSION_AGENT, SC_OPERATOR
from tui.sim.kube.logstyles import COREDNS, HTTP, JAVA, JSON, KLOG, POSTGRES, SAID, SILENT, WORKER, Style
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj

STYLES: Mapping[str, Style] = {
    "http": HTTP,
    "worker": WORKER,
    "json": JSON,
    "postgres": POSTGRES,
    "java": JAVA,
    "klog": KLOG,
    "coredns": COREDNS,
    "said": SAID,
    "silent": SILENT,
    "connect-agent": CONNECT_AGENT,
    "connect-agent-cut-off": CONNECT_AGENT_CUT_OFF,
    "sc-operator": SC_OPERATOR,
    "extension-agent": EXTENSION_AGENT,
}
"""Every log style a scenario can name, but for one, which is not made line by line."""

FLOOD = "flood"
"""A container that writes as fast as it can: a million lines in its file once it has lived long enough."""

NUMBERED = "numbered"
"""A container that writes numbered lines at an even pace (facts: "lines", how many; none = without end)."""

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """kind: as in `WorkloadSpec.behaviour`. runs_for: seconds before it ends of itself; None = never. ready: whether
    its containers ever become ready. facts: what its log may mention."""

    kind: str = "steady"
    runs_for: float | None = None
    exit_code: int = 0
    ready: bool = True
    log: str = "http"
    log_rate: float = 1.0
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Program:
    """What one container of one pod does. ready_after: seconds from its start; None = never."""

    image_exists: bool
    runs_for: float | None
    exit_code: int
    ready_after: float | None
    log: str
    log_rate: float
    facts: Mapping[str, str]


class Behaviours:
    """The scenario's knowledge of one cluster's containers."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Behaviour] = {}
        self._bad_nodes: dict[tuple[str, str], str] = {}

    def add(self, namespace: str, workload: str, image: str, behaviour: Behaviour) -> None:
        self._known[namespace, workload, image] = behaviour

    def of(self, pod: Obj, container: Obj) -> Behaviour | None:
        namespace = text(pod["metadata"].get("namespace"))
        return self._known.get((namespace, workload_of(pod), text(container.get("image"))))

    def program(self, pod: Obj, container: Obj) -> Program:
        """What this container does; the same at every asking."""
        known = self.of(pod, container)
        if known is None:
            return _guessed(pod, container)
        if known.kind == "degraded" and self._is_bad_node(pod):
            known = Behaviour("degraded", ready=False, log=f"{known.log}-cut-off", log_rate=0.2, facts=known.facts)
        ready_after = (45.0 if known.kind == "slow-start" else 1.0) if known.ready else None
        exists = known.kind != "image-missing"
        return Program(exists, known.runs_for, known.exit_code, ready_after, known.log, known.log_rate, known.facts)

    def is_degraded(self, pod: Obj) -> bool:
        """Its workload is: all of its pods are well but those on one node."""
        known = self.of(pod, mapping(items(mapping(pod.get("spec")).get("containers"))[0]))
        return known is not None and known.kind == "degraded"

    def settle_degraded(self, pod: Obj, siblings: int) -> None:
        """Told as the pods of a degraded workload start: the node to which the second came is the bad one."""
        place = (text(pod["metadata"].get("namespace")), workload_of(pod))
        if siblings > 0 and place not in self._bad_nodes and self.is_degraded(pod):
            self._bad_nodes[place] = text(mapping(pod.get("spec")).get("nodeName"))

    def _is_bad_node(self, pod: Obj) -> bool:
        place = (text(pod["metadata"].get("namespace")), workload_of(pod))
        return self._bad_nodes.get(place) == text(mapping(pod.get("spec")).get("nodeName"))


def workload_of(pod: Obj) -> str:
    """The name of what a pod was made for: its Deployment, CronJob, StatefulSet, …; its own where it stands alone."""
    owner = controller_of(pod)
    if owner is None:
        return text(pod["metadata"].get("name"))
    name = text(owner.get("name"))
    if owner.get("kind") == "ReplicaSet":
        return name.rpartition("-")[0] or name
    if owner.get("kind") == "Job":
        return re.sub(r"-\d{8}$", "", name)
    return name


def _guessed(pod: Obj, container: Obj) -> Program:
    spec, image = mapping(pod.get("spec")), text(container.get("image"))
    exists = not image.partition("/")[0].partition(":")[0].endswith(".invalid")  # RFC 2606: never resolves
    words = [text(word) for word in (*items(container.get("command")), *items(container.get("args")))]
    read = _read_command(words)
    if read is not None:
        runs_for, exit_code, output = read
        return Program(exists, runs_for, exit_code, 1.0, "said", 0.0, {"output": output})
    if container in items(spec.get("ephemeralContainers")):  # most often a shell, which lives while it may be told more
        ended = None if container.get("stdin") else 1.0
        return Program(exists, ended, 0, 1.0, "silent", 0.0, {})
    ends = text(spec.get("restartPolicy")) in ("Never", "OnFailure") or container in items(spec.get("initContainers"))
    return Program(exists, 5.0 if ends else None, 0, 1.0, _style_of(image), 0.5, {})


def _read_command(words: list[str]) -> tuple[float | None, int, str] | None:
    """(how long it runs, exit code, what it prints) of the few commands whose end matters; None for any other."""
    if not words:
        return None
    line = words[-1] if words[0].rpartition("/")[2] in ("sh", "bash") and len(words) > 2 else " ".join(words)
    first = line.split()[0].rpartition("/")[2] if line.split() else ""
    exited = re.search(r"\bexit (\d+)", line)
    slept = re.search(r"\bsleep (\d+|infinity)([smhd]?)", line)
    if not (exited or slept or first in ("true", "false", "echo", "date", "env", "uname", "hostname")):
        return None
    output = "\n".join(said.strip().strip("'\"") for said in re.findall(r"\becho ([^;&|]+)", line))
    runs_for: float | None = 1.0
    if slept:
        runs_for = None if slept[1] == "infinity" else max(1.0, float(slept[1]) * _SECONDS[slept[2]])
    if "while" in line:
        runs_for = None
    return runs_for, int(exited[1]) if exited else int(first == "false"), output


def _style_of(image: str) -> str:
    for part, style in (
        ("postgres", "postgres"),
        ("coredns", "coredns"),
        ("kube-proxy", "klog"),
        ("busybox", "silent"),
    ):
        if part in image:
            return style
    return "http"
