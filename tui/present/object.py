"""What the screen of one object says around its text: title, state, what stands there while there is none."""

from __future__ import annotations

from enum import StrEnum

from tui.model.bodies import text, uid_of
from tui.model.feed import Feed
from tui.model.objects import Held, ObjectRef
from tui.present.by_hand import object_lines, page
from tui.present.clean import clean
from tui.present.details import Details, heading
from tui.present.parts import Part
from tui.present.problems import Line, explanation
from tui.present.states import Shown, Status, feed_status


class Tab(StrEnum):
    """The ways to look at an object; the value is what the screen calls it."""

    DESCRIBE = "Describe"
    YAML = "YAML"
    EVENTS = "Events"
    RELATED = "Related"


def title_of(ref: ObjectRef) -> str:
    """ "Pod payments/api-7c9f"."""
    return f"{clean(ref.kind.kind, 60)} {clean(ref.title, 260)}"


def crumbs(ref: ObjectRef, tab: Tab) -> tuple[Part, ...]:
    """For the header."""
    return (
        Part(clean(ref.cluster.name, 40), "", 2),
        Part(clean(ref.kind.plural, 60), "dim", 4),
        Part(clean(ref.namespace, 60), "dim", 3),
        Part(clean(ref.name, 120), "", 1),
        Part(tab.value.lower(), "bold"),
    )


def status_of(feed: Feed[Held], now: float, uid: str = "") -> Status:
    """The object's state. uid: of the object that was opened, "" where that is not known."""
    status = feed_status(feed, now)
    held = feed.value
    if held is None or status.shown not in (Shown.LIVE, Shown.PARTIAL):
        return status
    if held.body is None:
        return Status(Shown.EMPTY, "no such object", status.more)
    if held.deleted:
        return Status(Shown.FAILED, "deleted", (Part("as it was seen last", "dim", 2),))
    if uid and uid_of(held.body) != uid:
        return Status(Shown.LIVE, "live", (Part("made anew: another object has this name now", "warn", 1),))
    if text(held.body, "metadata", "deletionTimestamp"):
        return Status(Shown.LIVE, "live", (Part("being deleted", "warn", 1),))
    return status


def instead(ref: ObjectRef, feed: Feed[Held], now: float) -> list[Line]:
    """What stands there while there is nothing to read; [] where there is."""
    held = feed.value
    if held is not None and held.body is not None:
        return []
    where = f"{title_of(ref)} of {clean(ref.cluster.name, 80)}"
    if held is not None:
        return [heading(f"There is no {where}."), Line("It is shown as soon as there is.", "dim")]
    if feed.problem is not None:
        return [heading(f"{where} cannot be read"), *explanation(feed.problem, now, feed.retry_at)]
    return [Line(f"Asking for {where} …", "dim")]


def by_hand(ref: ObjectRef, tab: Tab) -> Details:
    """The same with kubectl, what is on screen first."""
    order = {Tab.DESCRIBE: 0, Tab.YAML: 1, Tab.EVENTS: 2}
    return page(object_lines(ref, order.get(tab, 0)), (ref.cluster,))
