"""What a kubelet tells the API server of its pods: their status, and events about their containers."""

from __future__ import annotations

from tui.sim.kube.actors.catalogue import NODES, PODS
from tui.sim.kube.actors.podrecord import PodRecord
from tui.sim.kube.actors.podstatus import ContainerRun, conditions, container_status, phase_of
from tui.sim.kube.actors.site import Site
from tui.sim.kube.objects import items, mapping, number, text, timestamp
from tui.sim.kube.status import Obj


class PodNews:
    def __init__(self, site: Site) -> None:
        self._site = site

    def write(self, pod: Obj, record: PodRecord) -> Obj:
        """Set the pod's status to what the record knows; the pod as it then is."""
        spec, uid = pod["spec"], pod["metadata"]["uid"]
        deleting = bool(pod["metadata"].get("deletionTimestamp"))
        phase = phase_of(record.runs, text(spec.get("restartPolicy")) or "Always")
        if deleting and phase == "Running" and all(run.phase == "terminated" for run in record.runs):
            phase = "Failed" if any(run.exit_code for run in record.runs) else "Succeeded"
        host = self._host_address(text(spec.get("nodeName")))
        by_name = {run.name: run for run in record.runs}
        initialising = any(run.init and not run.ready for run in record.runs)
        for run in record.runs:
            if run.phase == "waiting" and run.reason in ("ContainerCreating", "PodInitializing") and not run.init:
                run.reason = "PodInitializing" if initialising else "ContainerCreating"

        def statuses(field: str) -> list[Obj] | None:
            return [container_status(by_name[one["name"]], one, uid) for one in items(spec.get(field))] or None

        address = host if spec.get("hostNetwork") else record.address
        status: Obj = {
            "observedGeneration": number(pod["metadata"].get("generation"), 1),
            "phase": phase,
            "conditions": conditions(pod, record.runs, phase, bool(record.address), self._site.stamp),
            "hostIP": host,
            "hostIPs": [{"ip": host}],
            "podIP": address or None,
            "podIPs": [{"ip": address}] if address else None,
            "startTime": timestamp(record.arrived),
            "initContainerStatuses": statuses("initContainers"),
            "containerStatuses": statuses("containers"),
            "ephemeralContainerStatuses": statuses("ephemeralContainers"),
            "qosClass": mapping(pod.get("status")).get("qosClass") or "BestEffort",
            "resources": {},
        }
        return self._site.set_status(PODS, pod, status)

    def _host_address(self, node: str) -> str:
        found = self._site.get(NODES, ("", node))
        addresses = items(mapping((found or {}).get("status")).get("addresses"))
        return next((text(one.get("address")) for one in addresses if one.get("type") == "InternalIP"), "10.0.0.1")

    def say(self, pod: Obj, run: ContainerRun, reason: str, message: str, severity: str = "Normal") -> None:
        """An event about one container."""
        field = "initContainers" if run.init else "ephemeralContainers" if run.ephemeral else "containers"
        path = f"spec.{field}{{{run.name}}}"
        node = text(pod["spec"].get("nodeName"))
        self._site.record.write(severity, PODS, pod, reason, message, "kubelet", host=node, field_path=path)
