"""What a Deployment's status says of its ReplicaSets; pure (pkg/controller/deployment, progress.go and sync.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.sim.kube.actors.pods import condition
from tui.sim.kube.objects import mapping, number, parse_timestamp, text, timestamp
from tui.sim.kube.status import Obj

_UNDER_WAY = ("ReplicaSetUpdated", "NewReplicaSetCreated", "FoundNewReplicaSet")


def deployment_status(deployment: Obj, new: Obj | None, olds: Sequence[Obj], least: int, now: float) -> Obj:
    """least: pods that must be available for the Available condition."""
    sets = [*olds, *([new] if new is not None else ())]
    wish = number(deployment["spec"].get("replicas"), 1)
    total, available = _sum(sets, "replicas"), _sum(sets, "availableReplicas")
    updated = number(mapping(new.get("status")).get("replicas")) if new is not None else 0
    status: Obj = {
        "observedGeneration": number(deployment["metadata"].get("generation"), 1),
        "replicas": total or None,
        "updatedReplicas": updated or None,
        "readyReplicas": _sum(sets, "readyReplicas") or None,
        "availableReplicas": available or None,
        "unavailableReplicas": max(0, max(wish, total) - available) or None,
        "terminatingReplicas": _sum(sets, "terminatingReplicas"),
    }
    status["conditions"] = [
        _available(deployment, available >= least, now),
        *_progressing(deployment, status, new, wish, now),
    ]
    return status


def progress_left(deployment: Obj, now: float) -> float | None:
    """Seconds until the rollout must be called stuck; None = it is done, or called so already."""
    progressing = condition(deployment, "Progressing")
    if progressing.get("reason") not in _UNDER_WAY:
        return None
    deadline = number(deployment["spec"].get("progressDeadlineSeconds"), 600)
    since = parse_timestamp(text(progressing.get("lastUpdateTime"))) or now
    return max(1.0, since + deadline + 1 - now)


def _sum(sets: Iterable[Obj], field: str) -> int:
    return sum(number(mapping(one.get("status")).get(field)) for one in sets)


def _available(deployment: Obj, enough: bool, now: float) -> Obj:
    if enough:
        return _condition(
            deployment, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now
        )
    message = "Deployment does not have minimum availability."
    return _condition(deployment, "Available", "False", "MinimumReplicasUnavailable", message, now)


def _progressing(deployment: Obj, status: Obj, new: Obj | None, wish: int, now: float) -> list[Obj]:
    if deployment["spec"].get("paused"):
        return [_condition(deployment, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now)]
    known = condition(deployment, "Progressing")
    if known.get("reason") == "DeploymentPaused":
        return [_condition(deployment, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now)]
    if new is None:
        return [known] if known else []
    named = f'ReplicaSet "{new["metadata"]["name"]}"'
    done = known.get("reason") == "NewReplicaSetAvailable" and named in text(known.get("message"))
    if done and number(status.get("replicas")) == number(status.get("updatedReplicas")):
        return [known]  # a rollout that has once been completed is not undone by pods that fail later
    if all(number(status.get(field)) == wish for field in ("updatedReplicas", "replicas", "availableReplicas")):
        message = f"{named} has successfully progressed."
        return [_condition(deployment, "Progressing", "True", "NewReplicaSetAvailable", message, now)]
    if not known or known.get("reason") in ("DeploymentResumed", "NewReplicaSetAvailable"):
        return [_begun(deployment, new, now)]
    if _moved(status, mapping(deployment.get("status"))):
        message = f"{named} is progressing."
        return [_condition(deployment, "Progressing", "True", "ReplicaSetUpdated", message, now, touched=True)]
    return [_stuck(deployment, known, named, now)]


def _begun(deployment: Obj, new: Obj, now: float) -> Obj:
    name = new["metadata"]["name"]
    again = "deployment.kubernetes.io/revision-history" in mapping(new["metadata"].get("annotations"))
    reason, message = "NewReplicaSetCreated", f'Created new replica set "{name}"'
    if again:
        reason, message = "FoundNewReplicaSet", f'Found new replica set "{name}"'
    return _condition(deployment, "Progressing", "True", reason, message, now)


def _moved(status: Obj, before: Obj) -> bool:
    """Towards the goal, that is (deploymentutil.DeploymentProgressing)."""
    more = any(
        number(status.get(field)) > number(before.get(field))
        for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    old = number(status.get("replicas")) - number(status.get("updatedReplicas"))
    old_before = number(before.get("replicas")) - number(before.get("updatedReplicas"))
    return more or old < old_before


def _stuck(deployment: Obj, known: Obj, named: str, now: float) -> Obj:
    if known.get("reason") not in _UNDER_WAY:
        return known
    deadline = number(deployment["spec"].get("progressDeadlineSeconds"), 600)
    since = parse_timestamp(text(known.get("lastUpdateTime"))) or now
    if now < since + deadline:
        return known
    message = f"{named} has timed out progressing."
    return _condition(deployment, "Progressing", "False", "ProgressDeadlineExceeded", message, now)


def _condition(
    deployment: Obj, name: str, status: str, reason: str, message: str, now: float, *, touched: bool = False
) -> Obj:
    known = condition(deployment, name)
    if known.get("reason") == reason and known.get("message") == message and not touched:
        return known
    changed = known.get("status") != status
    return {
        "type": name,
        "status": status,
        "lastUpdateTime": timestamp(now),
        "lastTransitionTime": timestamp(now) if changed else text(known.get("lastTransitionTime")),
        "reason": reason,
        "message": message,
    }
