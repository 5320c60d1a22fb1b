"""What a pod's logs depend on: which containers it has, and which of them will not run again. Pure."""

from __future__ import annotations

from tui.model.bodies import at, items, number, text
from tui.model.objects import Body

_SPECS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


def containers_of(pod: Body) -> tuple[str, ...]:
    """The names of its containers: init containers first, as they run, ephemeral ones last."""
    return tuple(text(one, "name") for field in _SPECS for one in items(pod, "spec", field))


def done(pod: Body) -> bool:
    """Whether all of its containers have run for the last time."""
    return text(pod, "status", "phase") in ("Succeeded", "Failed")


def finished(pod: Body, container: str) -> bool:
    """Whether a container has run for the last time. container: "" = the only one."""
    if done(pod):
        return True
    mains = [text(one, "name") for one in items(pod, "spec", "containers")]
    name = container or (mains[0] if mains else "")
    statuses = (one for field in _STATUSES for one in items(pod, "status", field))
    status = next((one for one in statuses if text(one, "name") == name), None)
    ended = at(status, "state", "terminated")
    if not isinstance(ended, dict):
        return False
    if name in (text(one, "name") for one in items(pod, "spec", "ephemeralContainers")):
        return True
    policy = text(pod, "spec", "restartPolicy") or "Always"
    begins = next((one for one in items(pod, "spec", "initContainers") if text(one, "name") == name), None)
    if begins is not None:
        # An init container that did its work is not run again; a sidecar always is.
        policy = text(begins, "restartPolicy") or ("Never" if policy == "Never" else "OnFailure")
    return policy == "Never" or (policy == "OnFailure" and number(status, "state", "terminated", "exitCode") == 0)
