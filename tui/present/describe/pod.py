"""A pod: why it does not run comes first."""

from __future__ import annotations

from tui.model.bodies import at, items, number, obj, text
from tui.model.objects import Body
from tui.model.times import parse_time
from tui.present.describe.common import (
    ago,
    condition_fails,
    conditions,
    lasted,
    metadata,
    reason_of,
    seconds,
    trouble,
    when,
    words,
)
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Note, Pair, pairs
from tui.present.describe.podspec import containers, placement, state_words, volumes
from tui.present.parts import Cell, count
from tui.present.tone import tone

_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
_CALM = frozenset({"", "ContainerCreating", "PodInitializing"})
_FAST = 600.0
"""Seconds within which a past crash of a container that runs again is still worth the top of the page."""


def describe(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    return [
        *pairs(("status", headline(body))),
        *pod_troubles(body, now),
        *_name(body, now),
        *containers(spec, status, now),
        *conditions(body, now),
        *volumes(spec),
    ]


def phase_of(body: Body) -> str:
    """The word for the state of a pod, as `kubectl get` prints it in most cases."""
    status = obj(body, "status")
    if text(body, "metadata", "deletionTimestamp"):
        return "Terminating"
    waiting = [text(one, "state", "waiting", "reason") for one in _all(status)]
    over = [text(one, "state", "terminated", "reason") for one in items(status, "containerStatuses")]
    bad = next((reason for reason in waiting if reason not in _CALM), "")
    failed = next((reason for reason in over if reason and reason != "Completed"), "")
    return bad or text(status, "reason") or failed or text(status, "phase") or "Unknown"


def headline(body: Body, *, brief: bool = False) -> Cell:
    """ "Running · 1/2 ready · 7 restarts". brief: for a column; the phase behind the word is left out."""
    status = obj(body, "status")
    own = items(status, "containerStatuses")
    total = len(items(body, "spec", "containers"))
    restarts = sum(number(one, "restartCount") for one in _all(status))
    phase, word = text(status, "phase"), phase_of(body)
    said = [word if brief or word == phase or not phase else f"{word} (phase {phase})"]
    if phase not in {"Succeeded", "Failed"}:
        said.append(f"{sum(bool(at(one, 'ready')) for one in own)}/{total} ready")
    said += [count(restarts, "restart")] if restarts else []
    return " · ".join(said), tone("STATUS", word)


def pod_troubles(body: Body, now: float) -> list[Note]:
    """What is wrong with it, the worst first."""
    status = obj(body, "status")
    found: list[Note] = []
    if text(status, "reason") or text(status, "message"):
        found.append(trouble(reason_of(status)))
    for one in items(status, "conditions"):
        if text(one, "type") == "PodScheduled" and condition_fails(one):
            found.append(trouble(f"not scheduled for {ago(text(one, 'lastTransitionTime'), now)}: {reason_of(one)}"))
        elif text(one, "type") == "DisruptionTarget" and text(one, "status") == "True":
            found.append(trouble(f"being disrupted: {reason_of(one)}"))
    for one in _all(status):
        found += _container_troubles(one, now)
    gates = [text(one, "name") for one in items(body, "spec", "schedulingGates")]
    if gates:
        found.append(trouble(f"held back by scheduling gates: {words(gates)}", "warn"))
    return found + _not_ready(body, status, bool(found))


def _all(status: Body) -> list[Body]:
    return [one for field in _STATUSES for one in items(status, field)]


def _container_troubles(one: Body, now: float) -> list[Note]:
    name, state = text(one, "name"), obj(one, "state")
    waiting, over, last = obj(state, "waiting"), obj(state, "terminated"), obj(one, "lastState", "terminated")
    found: list[Note] = []
    if text(waiting, "reason") not in _CALM:
        found.append(trouble(f"{name}: {reason_of(waiting)}"))
    if number(over, "exitCode") or number(over, "signal"):
        found.append(trouble(f"{name}: {state_words(state, now)[0]}{_message(over)}"))
    if last and not over:
        recent = "waiting" in state or _soon(text(last, "finishedAt"), now)
        style = "bad" if "waiting" in state and (number(last, "exitCode") or number(last, "signal")) else "warn"
        if recent:
            found.append(trouble(f"{name}: its last run ended {_end(last, now)}{_message(last)}", style))
    return found


def _end(last: Body, now: float) -> str:
    ran = lasted(text(last, "startedAt"), text(last, "finishedAt"))
    since, code = ago(text(last, "finishedAt"), now), f"exit code {number(last, 'exitCode')}"
    return words(
        (
            f"{since} ago with {code}" if since else f"with {code}",
            text(last, "reason"),
            f"after {ran}" if ran else "",
        )
    )


def _message(over: Body) -> str:
    said = text(over, "message").strip()
    return f": {said}" if said else ""


def _soon(stamp: str, now: float) -> bool:
    at_ = parse_time(stamp)
    return at_ is not None and now - at_ < _FAST


def _not_ready(body: Body, status: Body, known: bool) -> list[Note]:
    """Where nothing else is wrong: the containers that run and are not ready."""
    if known or text(status, "phase") != "Running" or text(body, "metadata", "deletionTimestamp"):
        return []
    names = [
        text(one, "name")
        for one in items(status, "containerStatuses")
        if "running" in obj(one, "state") and not at(one, "ready")
    ]
    return [trouble(f"{words(names)}: running, not ready (see readiness and events)", "warn")] if names else []


def _name(body: Body, now: float) -> list[Block]:
    spec, status = obj(body, "spec"), obj(body, "status")
    node, host = text(spec, "nodeName"), text(status, "hostIP")
    ips = [text(one, "ip") for one in items(status, "podIPs")]
    priority = text(spec, "priorityClassName")
    gates = [text(one, "conditionType") for one in items(spec, "readinessGates")]
    started = text(status, "startTime")
    own: list[Pair] = pairs(
        ("service account", text(spec, "serviceAccountName")),
        ("priority", f"{text(spec, 'priority')} ({priority})" if priority else text(spec, "priority")),
        ("runtime class", text(spec, "runtimeClassName")),
        ("QoS class", text(status, "qosClass")),
        ("seccomp", text(spec, "securityContext", "seccompProfile", "type")),
        ("nominated node", text(status, "nominatedNodeName")),
        ("readiness gates", words(gates)),
        ("grace period", seconds(spec, "terminationGracePeriodSeconds")),
    )
    return [
        *metadata(
            body,
            now,
            ("node", f"{node}/{host}" if host else node),
            ("IP", words(ips) or text(status, "podIP")),
            ("started", when(started, now)),
        ),
        *own,
        *placement(spec),
    ]
