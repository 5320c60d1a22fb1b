"""What happens to an object between its body and the store: decoding, defaults, validation.

    body → check_types → decoded (defaults) → [managed fields] → completed → validate → store

`default` does all but the managed fields in one step. To have the owners as a real server has them, call `decoded`
before `managed.track` and `completed` after it: what admission and storage add belongs to nobody.
"""

from __future__ import annotations

from tui.sim.kube import completion, decoding, validation
from tui.sim.kube.codec import written
from tui.sim.kube.defaults import filled
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import name_of
from tui.sim.kube.refusals import invalid
from tui.sim.kube.schema import StructType, of_kind
from tui.sim.kube.status import Obj


def default(obj: Obj, kind: Kind) -> Obj:
    """A copy as a server of that kind holds it: unknown and empty fields gone, defaults there, and what admission
    adds. A custom resource only gets its keys sorted (its schema's defaults are `crd`'s). Raises ApiError 400 for a
    value of the wrong type."""
    return completed(decoded(obj, kind), kind)


def decoded(obj: Obj, kind: Kind) -> Obj:
    """`default` without what is added after decoding. Raises ApiError 400."""
    struct = of_kind(kind)
    if struct is None:
        return obj
    decoding.check_types(obj, kind)
    return written(filled(obj, struct), struct)


def completed(obj: Obj, kind: Kind) -> Obj:
    """A copy with what mutating admission and the kind's strategy add; see `completion`."""
    struct = of_kind(kind)
    added = completion.completed(obj, kind)
    return added if struct is None or added is obj else written(added, struct)


def unknown_fields(obj: Obj, kind: Kind, custom: StructType | None = None) -> list[str]:
    """What field validation says of fields that the kind does not have (`unknown field "spec.foo"`), ready to print
    in a Warning header or behind "strict decoding error: ". custom: the type of a custom resource."""
    return decoding.unknown_fields(obj, kind, custom)


def validate(obj: Obj, kind: Kind, old: Obj | None = None, subresource: str | None = None) -> None:
    """Raises ApiError 422 naming every field that is wrong (recorded: error-422-invalid).

    obj: as `default` returns it. old: what it replaces. subresource: the door it came through, "" for the object's
    own; None where that is not known, which allows what any door does.
    """
    found = validation.errors(obj, kind, decoded(old, kind) if old is not None else None, subresource)
    if found:
        raise invalid(kind, name_of(obj), found)
