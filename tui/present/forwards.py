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
from tui.present.streams import pair_words

COLUMNS = (
    ColumnSpec("LOCAL", 0, min=8, max=40, flexible=True),
    ColumnSpec("CLUSTER", 1, min=7, max=24, flexible=True),
    ColumnSpec("TARGET", 0, min=16, max=60, flexible=True, middle=True),
    ColumnSpec("POD", 3, min=12, max=60, flexible=True, middle=True),
    ColumnSpec("STATE", 0, min=7, max=12),
    ColumnSpec("OPEN", 1, min=4, max=16, align="right"),
    ColumnSpec("SENT", 2, min=6, max=10, align="right"),
    ColumnSpec("RECEIVED", 2, min=8, max=10, align="right"),
    ColumnSpec("RATE", 2, min=6, max=12, align="right"),
    ColumnSpec("AGE", 1, min=3, max=8),
    ColumnSpec("KEPT", 4, min=4, max=4),
)

STATES = {
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
        (f"{opened}, {state.failed}×", "warn") if state.failed else opened,
        size_text(state.sent),
        size_text(state.received),
        f"{size_text(rate)}/s" if rate else "–",
        age(max(0.0, now - entry.begun)) if entry.begun else "–",
        "yes" if entry.kept else "",
    )


def state_words(state: ForwardState) -> tuple[str, str]:
    """The state by mark and word, and its colour; a pod that serves without being ready is told from one that is."""
    if state.state == "live" and state.note:
        return "◐ not ready", "warn"
    return STATES.get(state.state, (state.state, ""))


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


def trouble_of(entry: ForwardEntry) -> str:
    """What is wrong with it, in one line; else what it waits for."""
    state = entry.state
    return one_line(state.problem) if state.problem is not None else clean(state.note, 300)


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
            ("listens", ", ".join(listens)),
            ("begun", timestamp(entry.begun) if entry.begun else ""),
            ("connections", f"{state.open} open, {state.total} in all, {state.failed} failed"),
            ("bytes", f"{size_text(state.sent)} sent, {size_text(state.received)} received"),
            ("dialled", f"{state.dials} times" if state.dials > 1 else ""),
            ("next time", "listed again, and begun by enter" if entry.kept else ""),
        ),
    ]
    if state.problem is not None:
        lines += [Line("", ""), *explanation(state.problem, now)]
    return Details(f"port-forward to {target_words(entry)}", tuple(lines))
