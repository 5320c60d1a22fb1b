"""What stands around an object, as rows of a tree: grouped by how it hangs together, each with its state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from tui.model.bodies import items, number, obj, text
from tui.model.feed import Feed
from tui.model.objects import Body, ObjectRef, Related, RelatedNode, Relation
from tui.present.clean import clean
from tui.present.describe.common import ago, condition_fails
from tui.present.describe.pod import headline
from tui.present.parts import Cell, count
from tui.present.problems import Line, explanation
from tui.present.tone import tone

HEADINGS = ("OBJECT", "STATE", "AGE", "HOW")
_WORDS = {
    Relation.OWNED_BY: "owned by",
    Relation.OWNS: "owns",
    Relation.SELECTS: "leads to",
    Relation.SELECTED_BY: "selected by",
    Relation.USES: "uses",
    Relation.USED_BY: "used by",
}


class TreeRow(Struct, frozen=True):
    """key: what makes it the same row later. ref: what enter opens, None where nothing can be."""

    key: tuple[str, ...]
    cells: tuple[Cell, ...]
    ref: ObjectRef | None = None


def tree_rows(related: Related, now: float) -> list[TreeRow]:
    """Relation by relation, in the order of `Relation`; owned objects below their owners."""
    rows: list[TreeRow] = []
    for relation in Relation:
        nodes = [node for node in related.nodes if node.relation is relation]
        if nodes:
            rows.append(TreeRow((relation.value,), ((_WORDS[relation], "accent"), "", "", "")))
            rows += _branches(nodes, (relation.value,), "", now)
    return rows


def _branches(nodes: Sequence[RelatedNode], path: tuple[str, ...], lead: str, now: float) -> Iterator[TreeRow]:
    for place, node in enumerate(nodes):
        last = place == len(nodes) - 1
        key = (*path, node.kind, node.namespace, node.name)
        yield TreeRow(key, _cells(node, f"{lead}{'└ ' if last else '├ '}", now), node.ref)
        yield from _branches(node.children, key, lead + ("  " if last else "│ "), now)


def _cells(node: RelatedNode, lead: str, now: float) -> tuple[Cell, ...]:
    name = clean(f"{node.kind} {node.name}", 300)
    state = (f"× {node.lost}", "bad") if node.lost else state_of(node.body) if node.body is not None else ""
    born = ago(text(node.body, "metadata", "creationTimestamp"), now) if node.body is not None else ""
    shown: Cell = lead + name if node.ref is not None and not node.lost else (lead + name, "dim")
    return (shown, _styled(state), (born, "dim"), (clean(node.note, 120), "dim"))


def _styled(cell: Cell) -> Cell:
    """Without a style that says nothing."""
    return cell if isinstance(cell, str) or cell[1] else cell[0]


def state_of(body: Body) -> Cell:
    """The state of an object in a few words; "" where it has none."""
    kind, spec, status = text(body, "kind"), obj(body, "spec"), obj(body, "status")
    if text(body, "metadata", "deletionTimestamp") and kind != "Pod":
        return "Terminating", "warn"
    match kind:
        case "Pod":
            return headline(body, brief=True)
        case "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController":
            ready, wanted = number(status, "readyReplicas"), number(spec, "replicas")
            return f"{ready}/{wanted} ready", "" if ready >= wanted else "warn"
        case "DaemonSet":
            ready, wanted = number(status, "numberReady"), number(status, "desiredNumberScheduled")
            return f"{ready}/{wanted} ready", "" if ready >= wanted else "warn"
        case "Job":
            return _job(status)
        case "EndpointSlice":
            return count(len(items(body, "endpoints")), "endpoint")
        case _:
            phase = text(status, "phase")
            if phase:
                return clean(phase, 40), tone("STATUS", phase)
            return _conditions(status)


def _job(status: Body) -> Cell:
    if number(status, "active"):
        return f"{number(status, 'active')} active"
    failed = any(text(one, "type") == "Failed" and text(one, "status") == "True" for one in items(status, "conditions"))
    return ("Failed", "bad") if failed else "Complete" if number(status, "succeeded") else ""


def _conditions(status: Body) -> Cell:
    found = items(status, "conditions")
    bad = next((one for one in found if condition_fails(one)), None)
    if bad is not None:
        return f"{clean(text(bad, 'type'), 40)} {clean(text(bad, 'status'), 20)}", "warn"
    return "Ready" if any(text(one, "type") == "Ready" for one in found) else ""


def nothing_related(feed: Feed[Related], now: float) -> list[Line]:
    """What stands there while there is no tree; [] where there is one."""
    if feed.value is not None:
        if feed.value.nodes:
            return []
        seen = "" if not feed.value.gaps else "; some kinds could not be asked for"
        return [Line(f"Nothing was found that owns, selects or uses it, or that it does{seen}.", "dim")]
    if feed.problem is not None:
        return explanation(feed.problem, now, feed.retry_at)
    return [Line("Looking for what stands around it …", "dim")]
