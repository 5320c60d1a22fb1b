"""Two objects side by side, or rather one below the other: what is different between them, and nothing else.

What a cluster adds by itself (uid, versions, times, managed fields, status) always differs and means nothing; it is
left out, as it is where an object is copied.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.changes.diffing import unified
from tui.changes.trimming import is_secret, masked, reborn
from tui.changes.yamltext import dump
from tui.errors import UsageError
from tui.model.changes import DiffLine
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import ResourceView
from tui.model.objects import Body, Held, ObjectRef
from tui.present.clean import clean
from tui.present.details import Details, heading
from tui.present.object import instead, title_of
from tui.present.problems import Line
from tui.present.resources import Entry, object_of

MOST = 2_000
"""Lines of a difference that are shown."""
_STYLES = {"-": "bad", "+": "good"}


def pair_of(
    view: ResourceView, marked: Sequence[Entry], current: Entry | None, others: Sequence[ClusterRef]
) -> tuple[ObjectRef, ObjectRef]:
    """What is to be compared: two marked rows, or the row under the cursor with its like in another cluster. others:
    clusters that were named, () = those of the list. Raises UsageError."""
    if len(marked) == 2 and not others:
        first, second = (object_of(entry, view) for entry in marked)
        if first is None or second is None or first.kind.kind != second.kind.kind:
            raise UsageError("the two marked rows are not of the same kind")
        return first, second
    ref = object_of(current, view) if current is not None else None
    if ref is None:
        raise UsageError("put the cursor on what is to be compared, or mark two rows")
    left = [cluster for cluster in others or view.query.clusters if cluster.key != ref.cluster.key]
    if len(left) != 1:
        which = "no other cluster" if not left else f"{len(left)} other clusters"
        raise UsageError(f"{which} to compare with: name one (:compare @prod-us), or mark two rows")
    return ref, ObjectRef(left[0], ref.kind, ref.namespace, ref.name)


def compared(refs: tuple[ObjectRef, ObjectRef], feeds: tuple[Feed[Held], Feed[Held]], now: float) -> Details:
    """What is different; of one that cannot be read, why not."""
    title = f"{title_of(refs[0])}: {clean(refs[0].cluster.name, 40)} and {clean(refs[1].cluster.name, 40)}"
    bodies = [feed.value.body if feed.value is not None else None for feed in feeds]
    first, second = bodies
    if first is None or second is None:
        missing = [line for ref, feed in zip(refs, feeds, strict=True) for line in instead(ref, feed, now)]
        return Details(title, tuple(missing))
    return Details(title, (*_named(refs), *_different(first, second, secret=is_secret(refs[0].kind))))


def _named(refs: tuple[ObjectRef, ObjectRef]) -> list[Line]:
    return [
        Line(f"{sign} {clean(ref.cluster.name, 60)}  {clean(ref.title, 260)}", style)
        for ref, sign, style in zip(refs, "-+", ("bad", "good"), strict=True)
    ]


def _different(first: Body, second: Body, *, secret: bool) -> list[Line]:
    mine, theirs = reborn(first), reborn(second)
    if secret:
        old, new = masked(mine, theirs)
        mine, theirs = old or {}, new or {}
    found = unified(dump(mine).splitlines(), dump(theirs).splitlines())
    lines = [_line(one) for one in found]
    if not lines:
        also = "Status and what each cluster adds by itself are not compared."
        return [heading("They are the same."), Line(also, "dim")]
    more = [Line(f"… and {len(lines) - MOST:,} lines more", "dim")] if len(lines) > MOST else []
    return [*lines[:MOST], *more]


def _line(one: DiffLine) -> Line:
    if one.sign == "@":
        return heading(clean(one.text, 80))
    return Line(f"{one.sign} {clean(one.text, 400)}", _STYLES.get(one.sign, ""))
