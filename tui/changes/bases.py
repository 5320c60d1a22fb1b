"""What was opened for editing, so that a change that somebody else made is told from a status that moved on."""

from __future__ import annotations

from tui.model.objects import Body, ObjectRef

KEPT = 50


class Bases:
    """The objects opened last, as they were then."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], Body] = {}

    def opens(self, ref: ObjectRef, body: Body) -> None:
        """`body` is shown in an editor."""
        self._held.pop(_key(ref), None)
        self._held[_key(ref)] = body
        while len(self._held) > KEPT:
            del self._held[next(iter(self._held))]

    def opened(self, ref: ObjectRef) -> Body | None:
        """As it was when it was opened last."""
        return self._held.get(_key(ref))


def _key(ref: ObjectRef) -> tuple[object, ...]:
    return (ref.cluster.key, ref.kind.group, ref.kind.plural, ref.namespace, ref.name)
