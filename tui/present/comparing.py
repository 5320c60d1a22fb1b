"""Two objects compared: which two, what of them is compared, and what is said around it.

What differs by nature (`tui.present.bynature`) is left out until somebody asks for it. Values of Secrets are masked;
that two of them differ is told without showing either.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.changes.diffing import unified
from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import ResourceView
from tui.model.objects import Body, Held, ObjectRef
from tui.model.secrets import Hidden, is_secret, masked, sealed, unsealed, value_of
from tui.present.ages import age
from tui.present.by_hand import compare_lines, page
from tui.present.bynature import settled
from tui.present.clean import clean
from tui.present.details import Details
from tui.present.object import status_of
from tui.present.parts import Part, count
from tui.present.resources import Entry, object_of
from tui.present.states import Shown
from tui.present.yamltext import YamlLine, written


def chosen(
    view: ResourceView, marked: Sequence[Entry], current: Entry | None, others: Sequence[ClusterRef]
) -> tuple[ObjectRef, ...]:
    """What is to be compared, the first with each of the others: the marked rows, or the row under the cursor with its
    like in other clusters. others: clusters that were named, () = those of the list. Raises UsageError."""
    if len(marked) > 1 and not others:
        refs = [object_of(entry, view) for entry in marked]
        known = [ref for ref in refs if ref is not None]
        if len(known) < len(refs) or len({(ref.kind.group, ref.kind.kind) for ref in known}) > 1:
            raise UsageError("the marked rows are not all of the same kind")
        return tuple(known)
    ref = object_of(current, view) if current is not None else None
    if ref is None:
        raise UsageError("put the cursor on what is to be compared, or mark two rows")
    left = [cluster for cluster in others or view.query.clusters if cluster.key != ref.cluster.key]
    if not left:
        raise UsageError("no other cluster to compare with: name one (:compare @prod-us), or mark two rows")
    return (ref, *(ObjectRef(cluster, ref.kind, ref.namespace, ref.name) for cluster in dict.fromkeys(left)))


class Look(Struct, frozen=True):
    """nature: also what differs by nature. secrets: values of Secrets in the clear."""

    nature: bool = False
    secrets: bool = False


def lines_of(body: Body, other: Body | None, name: str, look: Look) -> tuple[list[YamlLine], tuple[str, ...]]:
    """What of `body` is compared, and the paths of what is left out. name: what the other is called."""
    made, gone = (body, ()) if look.nature else settled(body)
    if is_secret(body):
        made = _masked(made, other or {}, clean(name, 60), shown=look.secrets)
    return written(made), gone


def _masked(body: Body, other: Body, name: str, *, shown: bool) -> Body:
    """With whether the other has the same, where the value itself does not show it."""

    def seal(field: str, key: str, value: object) -> object:
        said = (unsealed if shown else masked)(field, key, value)
        theirs = value_of(other, field, key)
        if not isinstance(said, Hidden) or theirs is None:
            return said
        return Hidden(f"{said.words}, {'the same' if theirs == value else f'differs from {name}'}")

    return sealed(body, seal, other)


# What is said around it -----------------------------------------------------------------------------------------------


def names_of(refs: tuple[ObjectRef, ObjectRef]) -> tuple[str, str]:
    """What tells the two from each other: their clusters, or of one cluster their names."""
    if refs[0].cluster.key != refs[1].cluster.key:
        return clean(refs[0].cluster.name, 60), clean(refs[1].cluster.name, 60)
    return clean(refs[0].title, 120), clean(refs[1].title, 120)


def head_of(ref: ObjectRef, feed: Feed[Held], now: float, sign: str = "") -> tuple[Part, ...]:
    """Over a side: whose it is and how true it is, with its age where it is not of now."""
    status = status_of(feed, now)
    name, title = clean(ref.cluster.name, 60), clean(ref.title, 200)
    state, *more = status.parts()
    old = status.shown is Shown.STALE and feed.as_of is not None
    aged = [Part(f"{age(now - feed.as_of)} old", "", 0)] if old and feed.as_of is not None else []
    return (Part(f"{sign}{name}", "bold", 0), state, *aged, *more, Part(title, "dim", 4))


def count_words(differences: int, here: int) -> Part:
    """For the title. here: at which of them the reader is, -1 = at none yet."""
    if not differences:
        return Part("the same", "good")
    if here < 0:
        return Part(count(differences, "difference"), "warn")
    return Part(f"{here + 1} of {count(differences, 'difference')}", "warn")


def left_out(gone: Sequence[str]) -> str:
    """What was not compared, in one sentence; "" where everything was."""
    return f"Not compared, since it differs by nature: {clean(', '.join(gone), 2_000)}. M shows it." if gone else ""


def patch(refs: tuple[ObjectRef, ObjectRef], left: Sequence[YamlLine], right: Sequence[YamlLine]) -> str:
    """For copying: the differences as a unified diff; the whole text where there is none."""
    mine, theirs = [line.text for line in left], [line.text for line in right]
    found = list(unified(mine, theirs))
    if not found:
        return "".join(f"{text}\n" for text in mine)
    heads = [
        f"{sign} {clean(f'{ref.cluster.name} {ref.title}', 400)}"
        for ref, sign in zip(refs, ("---", "+++"), strict=True)
    ]
    said = [one.text if one.sign == "@" else f"{one.sign}{one.text}" for one in found]
    return "".join(f"{text}\n" for text in (*heads, *said))


def crumbs(refs: tuple[ObjectRef, ObjectRef]) -> tuple[Part, ...]:
    """For the header."""
    clusters = dict.fromkeys(clean(ref.cluster.name, 40) for ref in refs)
    return (
        Part(", ".join(clusters), "", 2),
        Part(clean(refs[0].kind.plural, 60), "dim", 4),
        Part(clean(refs[0].namespace, 60), "dim", 3),
        Part(clean(refs[0].name, 120), "", 1),
        Part("compare", "bold"),
    )


def by_hand(refs: tuple[ObjectRef, ObjectRef]) -> Details:
    """The same with kubectl and diff."""
    return page(compare_lines(*refs), [ref.cluster for ref in refs])
