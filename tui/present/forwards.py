"""Rows of the port-forwards."""

from __future__ import annotations

from tui.model.streams import Bound, ForwardEntry, ForwardState
from tui.present.ages import age, timestamp
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.details import Details, fields, heading
from tui.present.parts import Cell
from tui.present.problems import Line, explanation, one_line
from tui.present.sizes import size_text
from tui.present.streams import clock_words, cut_words, near_cut, pair_words, was_limit

COLUMNS = (
    ColumnSpec("LOCAL", 0, min=8, max=40, flexible=True),
    ColumnSpec("CLUSTER", 1, min=7, max=24, flexible=True),
    ColumnSpec("TARGET", 0, min=16, max=60, flexible=True, middle=True),
    ColumnSpec("POD", 3, min=12, max=60, flexible=True, middle=True),
    ColumnSpec("STATE", 0, min=7, max=12),
    ColumnSpec("STREAM", 1, min=6, max=16),
    ColumnSpec("OPEN", 1, min=4, max=16, align="right"),
    ColumnSpec("SENT", 2, min=6, max=10, align="right"),
    ColumnSpec("RECEIVED", 2, min=8, max=10, align="right"),
    ColumnSpec("RATE", 2, min=6, max=12, align="right"),
    ColumnSpec("AGE", 1, min=3, max=8),
    ColumnSpec("KEPT", 4, min=4, max=4),
)

STATES = {
    "queued": ("… queued", "warn"),
    "opening": ("… opening", "dim"),
    "live": ("● live", ""),
    "waiting": ("○ waiting", "warn"),
    "ended": ("× ended", "bad"),
    "asleep": ("– asleep", "dim"),
}


def cells(entry: ForwardEntry, now: float) -> tuple[Cell, ...]:
    """One row; its state is told by mark and word."""
    state = entry.state
    rate = entry.sent_rate + entry.received_rate
    opened = f"{state.open} of {state.total}" if state.total else "0"
    return (
        local_words(entry),
        clean(entry.target.cluster.name, 80),
        target_words(entry),
        clean(state.pod, 200),
        state_words(state),
        stream_cell(entry, now),
        (f"{opened}, {state.failed}×", "warn") if state.failed else opened,
        size_text(state.sent),
        size_text(state.received),
        f"{size_text(rate)}/s" if rate else "–",
        age(max(0.0, now - entry.begun)) if entry.begun else "–",
        "yes" if entry.kept else "",
    )


def state_words(state: ForwardState) -> tuple[str, str]:
    """The state by mark and word, and its colour; a pod that serves without being ready is told from one that is, and
    one of whose connections the others wait for from one that flows."""
    if state.state == "live" and state.held_up:
        return "◐ held up", "warn"
    if state.state == "live" and state.note:
        return "◐ not ready", "warn"
    return STATES.get(state.state, (state.state, ""))


def stream_cell(entry: ForwardEntry, now: float) -> Cell:
    """How old the stream is that carries it: "12m", "19m, cut in 60s"; while there is none, which end the last one
    had."""
    state, limited = entry.state, _limited(entry)
    if state.way_since:
        seconds = max(0.0, now - state.way_since)
        near = near_cut(seconds, limited=limited)
        return (f"{age(seconds)}, {near}", "warn") if near else age(seconds)
    if state.state == "waiting" and state.cut is not None:
        end = "limit" if was_limit(state.cut_after, limited=limited) else "dropped"
        return f"{end} at {age(state.cut_after)}", "warn"
    return "–"


def _limited(entry: ForwardEntry) -> bool:
    return entry.target.cluster.limited


def _last_cut(entry: ForwardEntry) -> str:
    """Which of the two ended its last stream; "" where none was cut."""
    state = entry.state
    return cut_words(state.cut, state.cut_after, limited=_limited(entry)) if state.cut is not None else ""


def local_words(entry: ForwardEntry) -> str:
    """ ":8080→80, :9090→http": where it listens, and what that leads to."""
    if entry.state.ports:
        return ", ".join(map(_bound, entry.state.ports))
    return pair_words(entry.pairs)


def _bound(port: Bound) -> str:
    return f":{port.local}→{port.remote or clean(str(port.asked), 20)}"


def target_words(entry: ForwardEntry) -> str:
    """ "web/services/shop"."""
    return clean(f"{entry.target.namespace}/{entry.target.title}", 300)


def trouble_of(entry: ForwardEntry, now: float, wake: str) -> str:
    """What is wrong with it, what it waits for, or what is to come, in one line; "" where all is well. wake: the key
    that begins one that is asleep."""
    state = entry.state
    if state.held_up:
        return f"◐ {clean(state.held_up, 300)}"
    if state.problem is not None:
        return one_line(state.problem)
    if state.state == "asleep":
        return f"– asleep: kept from an earlier run and not begun in this one; {wake} wakes it"
    if state.note:
        return clean(state.note, 300)
    if state.state == "waiting":
        cut = _last_cut(entry)
        return f"○ {cut}" if cut else ""
    seconds = now - state.way_since
    if state.way_since and near_cut(seconds, limited=_limited(entry)):
        return f"◐ {clock_words(seconds, limited=True)}; it is dialled again then"
    return ""


def address(entry: ForwardEntry) -> str:
    """What a browser is given; "" while it does not listen."""
    return f"http://127.0.0.1:{entry.state.ports[0].local}" if entry.state.ports else ""


def details_of(entry: ForwardEntry, now: float) -> Details:
    """Everything that is known of one."""
    state = entry.state
    listens = [f"{at}:{port.local} → {port.remote or port.asked}" for port in state.ports for at in port.addresses]
    lines = [
        heading("Port-forward"),
        *fields(
            ("target", target_words(entry)),
            ("cluster", entry.target.cluster.name),
            ("pod", state.pod),
            ("state", state_words(state)[0]),
            ("note", clean(state.note, 400)),
            ("held up", clean(state.held_up, 400)),
            ("listens", ", ".join(listens)),
            ("begun", timestamp(entry.begun) if entry.begun else ""),
            ("connections", f"{state.open} open, {state.total} in all, {state.failed} failed"),
            ("bytes", f"{size_text(state.sent)} sent, {size_text(state.received)} received"),
            ("dialled", f"{state.dials} times" if state.dials > 1 else ""),
            ("stream", clock_words(now - state.way_since, limited=_limited(entry)) if state.way_since else ""),
            ("cuts", f"{state.cuts}, the last at {timestamp(state.cut_at)}: {_last_cut(entry)}" if state.cuts else ""),
            ("next time", "listed again, and begun by enter" if entry.kept else ""),
        ),
    ]
    if state.problem is not None:
        lines += [Line("", ""), *explanation(state.problem, now)]
    return Details(f"port-forward to {target_words(entry)}", tuple(lines))
