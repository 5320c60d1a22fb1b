"""What can be done with the rows under cursor and marks: which changes a kind allows, what each needs of the server's
permission, and how the menu says it. Pure, so every kind and every reason is tested by tables.

Which verbs and sub-resources a kind has is what its cluster's discovery says, so a custom resource with a scale
sub-resource is scaled like any other; what only some built-in kinds can do is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tui.errors import Problem
from tui.model.changes import Action, Lock, Permission, Question
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.objects import ObjectRef
from tui.present.clean import clean
from tui.present.plans import clusters_words, objects_words
from tui.present.scope import Selection

_ROLLED_OUT = frozenset({"deployments.apps", "daemonsets.apps", "statefulsets.apps"})
_WITH_IMAGES = _ROLLED_OUT | {"pods", "replicationcontrollers", "replicasets.apps", "cronjobs.batch"}

ASKED_AT_MOST = 20
"""Questions about one entry of the menu: many marked rows lie in many namespaces, and the server's dry-run judges each
of them anyway before anything is changed."""


class Need(Struct, frozen=True):
    """What must be allowed for an action. group and resource None: those of the kind itself."""

    verb: str
    subresource: str = ""
    group: str | None = None
    resource: str | None = None


class Deed(Struct, frozen=True):
    """One change, as the menu offers it. words: what it does. binding: id of the key that does it at once, "" = none.
    form: its arguments are asked for first. single: of one object at a time."""

    action: Action
    words: str
    needs: tuple[Need, ...]
    binding: str = ""
    form: bool = False
    single: bool = False


_PATCH = (Need("patch"),)
_EVICT = Need("create", "eviction", "", "pods")
_DEEDS = (
    Deed(Action.EDIT, "Edit in your editor", (Need("update"),), "change.edit", single=True),
    Deed(Action.SCALE, "Scale", (Need("patch", "scale"),), form=True),
    Deed(Action.SET_IMAGE, "Set image", _PATCH, form=True),
    Deed(Action.RESTART, "Restart, pod after pod", _PATCH),
    Deed(Action.UNDO_ROLLOUT, "Undo a rollout", _PATCH, form=True),
    Deed(Action.PAUSE, "Pause the rollout", _PATCH),
    Deed(Action.RESUME, "Resume the rollout", _PATCH),
    Deed(Action.TRIGGER, "Trigger: start a job now", (Need("create", "", "batch", "jobs"),), form=True),
    Deed(Action.SUSPEND, "Suspend", _PATCH),
    Deed(Action.UNSUSPEND, "Unsuspend", _PATCH),
    Deed(Action.CORDON, "Cordon: no new pods", _PATCH),
    Deed(Action.UNCORDON, "Uncordon", _PATCH),
    Deed(Action.DRAIN, "Drain: cordon, and evict its pods", (*_PATCH, _EVICT), form=True),
    Deed(Action.LABEL, "Label", _PATCH, form=True),
    Deed(Action.ANNOTATE, "Annotate", _PATCH, form=True),
    Deed(Action.DELETE, "Delete", (Need("delete"),), "change.delete"),
)  # fmt: skip
"""In the order of the menu."""

_ONLY_FOR: Mapping[Action, frozenset[str]] = {
    Action.SET_IMAGE: _WITH_IMAGES,
    Action.RESTART: _ROLLED_OUT,
    Action.UNDO_ROLLOUT: _ROLLED_OUT,
    Action.PAUSE: frozenset({"deployments.apps"}),
    Action.RESUME: frozenset({"deployments.apps"}),
    Action.TRIGGER: frozenset({"cronjobs.batch"}),
    Action.SUSPEND: frozenset({"cronjobs.batch", "jobs.batch"}),
    Action.UNSUSPEND: frozenset({"cronjobs.batch", "jobs.batch"}),
    Action.CORDON: frozenset({"nodes"}),
    Action.UNCORDON: frozenset({"nodes"}),
    Action.DRAIN: frozenset({"nodes"}),
}


APPLY = Deed(Action.APPLY, "Apply a file, or a pasted manifest", (), form=True)
"""About clusters, not about rows; what it needs depends on what is in the file."""


def deeds_for(targets: Sequence[ObjectRef]) -> tuple[Deed, ...]:
    """The changes that make sense for all of these objects."""
    kinds = {target.kind for target in targets}
    several = len(targets) > 1
    return tuple(
        deed
        for deed in _DEEDS
        if kinds and not (several and deed.single) and all(_offered(deed.action, kind) for kind in kinds)
    )


def deed_of(action: Action) -> Deed:
    """The menu's entry for an action that has one."""
    return next(deed for deed in (*_DEEDS, APPLY) if deed.action is action)


def _offered(action: Action, kind: KindRef) -> bool:
    if action in _ONLY_FOR and kind.qualified not in _ONLY_FOR[action]:
        return False
    match action:
        case Action.SCALE:
            return "scale" in kind.subresources
        case Action.DELETE:
            return _has(kind, "delete")
        case Action.EDIT:
            return _has(kind, "update")
        case _:
            return _has(kind, "patch")


def _has(kind: KindRef, verb: str) -> bool:
    """A kind of which no verbs are known is given the benefit of the doubt: the server has the last word anyway."""
    return not kind.verbs or verb in kind.verbs


def questions(deed: Deed, targets: Sequence[ObjectRef]) -> tuple[Question, ...]:
    """What to ask before `deed` is offered for `targets`; by name only where there is one target, since roles that name
    their objects are rare and a question for each of a thousand rows would cost more than it tells."""
    named = targets[0].name if len(targets) == 1 else ""
    asked = dict.fromkeys(_question(need, target, named) for target in targets for need in deed.needs)
    return tuple(asked)[:ASKED_AT_MOST]


def _question(need: Need, target: ObjectRef, name: str) -> Question:
    own = need.resource is None
    return Question(
        target.cluster,
        need.verb,
        target.kind.group if need.group is None else need.group,
        target.kind.plural if need.resource is None else need.resource,
        need.subresource,
        target.namespace,
        name if own and need.verb != "create" else "",
    )


def forbidden(asked: Iterable[tuple[Question, Permission | None]]) -> str | None:
    """Why the server would refuse: "" = it would not, None = not all answers are there yet."""
    waiting = False
    for question, answer in asked:
        if answer is None:
            waiting = True
        elif not answer.allowed:
            where = f" in {clean(question.namespace, 60)}" if question.namespace else ""
            said = f": {clean(answer.reason, 300)}" if answer.reason else ""
            what = f"{question.resource}/{question.subresource}" if question.subresource else question.resource
            return f"{clean(question.cluster.name, 60)}: you may not {question.verb} {clean(what, 80)}{where}{said}"
    return None if waiting else ""


LOCKED = "read-only: W unlocks"


def closed_reason(lock: Lock | None, refusals: Mapping[ClusterRef, Problem], now: float) -> str:
    """Why nothing may be written now, "" where it may: a cluster that is read-only comes before the lock, since
    unlocking would not help."""
    if lock is not None and lock.closed:
        return f"read-only: {clean(lock.closed, 200)}"
    locked = lock is None or lock.until is None or lock.until <= now
    for cluster, problem in refusals.items():
        if problem.target or not locked:  # a rule names its cluster, the lock names none
            return f"{clean(cluster.name, 60)}: {clean(problem.summary, 200)}"
    return LOCKED if locked else ""


class MenuItem(Struct, frozen=True):
    """One line of the menu. id: what is done when it is chosen. section: the heading above it. reason: why it cannot be
    chosen ("" = it can). pending: whether it may be done is being asked."""

    id: str
    words: str
    key: str = ""
    section: str = ""
    reason: str = ""
    pending: bool = False


def menu_title(selection: Selection) -> str:
    """ "3 pods in prod-eu, prod-us (1 hidden by the filter)"; "" where there is no row."""
    if not selection.targets:
        return ""
    hidden = f" ({selection.hidden} hidden by the filter)" if selection.hidden else ""
    return f"{objects_words(selection.targets)} in {clusters_words(selection.targets)}{hidden}"


LOOK, CHANGE = "Look", "Change"
UNLOCK = "unlock"
"""Id of the line that unlocks writing."""
DO = "do:"
"""Prefix of the ids of changes; the action's word follows."""


def deed_items(
    deeds: Sequence[Deed], keys: Mapping[str, str], closed: str, answers: Mapping[Action, str | None]
) -> list[MenuItem]:
    """The lines of the changes. keys: as a person reads them, by binding id. closed: why nothing may be written at all.
    answers: by action what `forbidden` says."""
    lines = [MenuItem(UNLOCK, "Unlock writing for a while", keys.get("change.lock", ""), CHANGE)]
    shown = lines if closed == LOCKED and deeds else []
    for deed in deeds:
        answer = answers.get(deed.action)
        pending = not closed and answer is None
        key = keys.get(deed.binding, "")
        shown.append(MenuItem(DO + deed.action.value, deed.words, key, CHANGE, closed or answer or "", pending))
    return shown


def matching(items: Sequence[MenuItem], typed: str) -> list[MenuItem]:
    """Those that hold every typed word, in words or key; those that begin with what was typed first."""
    words = typed.lower().split()
    found = [item for item in items if all(word in f"{item.words} {item.id}".lower() for word in words)]
    start = typed.strip().lower()
    return sorted(found, key=lambda item: bool(start) and not item.words.lower().startswith(start))
