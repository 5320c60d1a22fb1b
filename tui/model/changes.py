"""Every change that can be made to a cluster, as values: what is wished, what it would do, how it went, and its undo.

A change goes one way: a `Wish` is planned (objects read, diffs computed, each request tried with the server's
dry-run), the `Plan` is shown and confirmed, the plan is carried out step by step, and each step that was carried out is
an `Entry` of the journal with the wish that would undo it. Nothing here does I/O; `tui.changes` does, behind
`ChangeDesk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.model.objects import ObjectRef


class Action(StrEnum):
    """What can be done. The value is the word of the command line and of the `:` line."""

    APPLY = (
        "apply"  # args: manifest (YAML text of one or several documents), force ("true"), namespace (of those without)
    )
    EDIT = "edit"  # args: manifest (the whole object as edited; its resourceVersion makes it conflict-safe)
    SCALE = "scale"  # args: replicas
    SET_IMAGE = "set-image"  # args: CONTAINER=IMAGE pairs, comma-separated, in `images`; `*` is every container
    RESTART = "restart"
    UNDO_ROLLOUT = "undo-rollout"  # args: revision ("" = the one before)
    PAUSE = "pause"
    RESUME = "resume"
    SUSPEND = "suspend"  # a CronJob (or Job)
    UNSUSPEND = "unsuspend"
    TRIGGER = "trigger"  # a Job from a CronJob, now; args: name ("" = generated)
    LABEL = "label"  # args: pairs ("a=b,c-": set a, remove c; or JSON {"a": "b", "c": null}, for values with commas)
    ANNOTATE = "annotate"  # the same
    CORDON = "cordon"
    UNCORDON = "uncordon"
    DRAIN = "drain"  # args: grace (seconds), timeout ("15m"; "0": none), force, delete-emptydir-data (both "true")
    DELETE = "delete"  # args: propagation (background, foreground, orphan), grace (seconds, "" = the object's own)
    RECREATE = "recreate"  # undo of a delete: args: manifest
    RESTORE = "restore"  # undo of an apply or edit: args: patch (a JSON merge patch of the fields that were changed)


class Wish(Struct, frozen=True):
    """One action on one or many objects, of one or many clusters. APPLY has no targets but `clusters`. The argument
    `undoes` of any action is the id of the journal entry that it takes back."""

    action: Action
    targets: tuple[ObjectRef, ...] = ()
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    clusters: tuple[ClusterRef, ...] = ()
    hidden: int = 0
    """How many of the targets a filter hides on the screen; said before they are changed."""


Tell: TypeAlias = Callable[[int, int], None]
"""Hears how much of something is done: so many of so many."""


class DiffLine(Struct, frozen=True):
    """One line of a unified diff of two YAML texts. sign: " ", "+", "-" or "@" (a hunk's heading)."""

    sign: str
    text: str


class Step(Struct, frozen=True):
    """What happens to one object. summary: in words ("replicas 3 → 5"). diff: of the object as it is and as the
    server's dry-run says it would be. problem: the dry-run was refused, so this step will not be carried out.
    warnings: what the server warned of, finalizers that hold a deletion, whose fields a force would take. token: the
    step's key inside its plan."""

    token: int
    ref: ObjectRef
    summary: str
    diff: tuple[DiffLine, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: Problem | None = None
    unchanged: bool = False
    undoable: bool = False


class Plan(Struct, frozen=True):
    """Steps in the order in which they would be carried out. typed: the names of production clusters that must be typed
    to confirm, () where a key is enough. command: the kubectl commands that do the same, one a line."""

    id: int
    wish: Wish
    steps: tuple[Step, ...]
    typed: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def ready(self) -> tuple[Step, ...]:
        """Those that would be carried out."""
        return tuple(step for step in self.steps if step.problem is None and not step.unchanged)


class Fate(StrEnum):
    """How a step fares."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # refused by the dry-run, nothing to change, or cancelled before its turn


class Outcome(Struct, frozen=True):
    """words: what is being waited for, or came of it ("evicted 3 of 7 pods")."""

    fate: Fate = Fate.WAITING
    words: str = ""
    problem: Problem | None = None


class Progress(Struct, frozen=True):
    """The carrying out of a plan. outcomes: one for each of `Plan.steps`, in that order."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    finished: bool = False


class Run(Protocol):
    """A plan being carried out."""

    @property
    def progress(self) -> Topic[Progress]: ...

    def cancel(self) -> None:
        """Begin no further step, and stop waiting for the one that runs."""
        ...


class Entry(Struct, frozen=True):
    """One line of the journal: one change that was made to one object (or tried: problem). at: wall-clock seconds. who:
    the account. undo: the wish that takes it back, None where nothing does. undone_by: id of the entry that did.
    target: the object's address; None in entries of programs that did not keep it."""

    id: str
    at: float
    who: str
    action: Action
    cluster: str
    kind: str
    namespace: str
    name: str
    summary: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    diff: tuple[DiffLine, ...] = ()
    problem: str = ""
    undo: Wish | None = None
    undone_by: str = ""
    target: ObjectRef | None = None


class Revision(Struct, frozen=True):
    """One state that a workload's rollout can go back to. images: of its containers. cause: of the annotation
    `kubernetes.io/change-cause`, untrusted. created: when what remembers it was made, seconds since the epoch.
    present: it is the one that is wanted now."""

    number: int
    images: tuple[str, ...] = ()
    cause: str = ""
    created: float | None = None
    present: bool = False


class Lock(Struct, frozen=True):
    """until: wall-clock time at which writing locks itself again; None = read-only. closed: why it cannot be unlocked
    at all ("" = it can)."""

    until: float | None = None
    closed: str = ""


class Permission(Struct, frozen=True):
    """Whether the server would let us. reason: its words, or ours where it gave none."""

    allowed: bool
    reason: str = ""


class Question(Struct, frozen=True):
    """A SelfSubjectAccessReview (authorization.k8s.io/v1, `resourceAttributes`)."""

    cluster: ClusterRef
    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class ChangeDesk(Protocol):
    """Where changes are asked for; the only way by which anything is written."""

    @property
    def lock(self) -> Topic[Lock]: ...

    @property
    def journal(self) -> Topic[tuple[Entry, ...]]:
        """Newest first; of earlier runs too."""
        ...

    def unlock(self) -> None:
        """Allow writing for a limited time. Raises SourceError where the configuration forbids it."""
        ...

    def relock(self) -> None:
        """Forbid writing again, now, and cancel what is being carried out: what has not been sent is not sent any
        more. The end of the time that `unlock` gives cancels nothing."""
        ...

    def refusal(self, cluster: ClusterRef) -> Problem | None:
        """Why nothing may be written to `cluster` now: locked, or read-only by configuration."""
        ...

    async def plan(self, wish: Wish, tell: Tell | None = None) -> Plan:
        """Read, diff and dry-run; whoever waits may cancel, since nothing is changed by it. tell: called for each
        object that is planned, with how many are and how many there are to plan. Raises SourceError (and sends nothing)
        where a cluster is read-only or writing is locked; UsageError where the wish makes no sense. What the server
        refuses is a problem of its step."""
        ...

    def carry_out(self, plan: Plan) -> Run:
        """Begin. Raises SourceError where writing has been locked again meanwhile."""
        ...

    def undo_of(self, entry: Entry) -> Wish | None:
        """The wish that takes an entry back; it is planned and confirmed like any other."""
        ...

    def may(self, question: Question) -> Topic[Permission]:
        """Asked when first read, and cached."""
        ...

    async def manifest(self, ref: ObjectRef) -> str:
        """The object as YAML for an editor: whole, without managed fields and status."""
        ...

    async def revisions(self, ref: ObjectRef) -> tuple[Revision, ...]:
        """What an UNDO_ROLLOUT can go back to, the oldest first, and the present one. Raises SourceError."""
        ...
