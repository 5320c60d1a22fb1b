"""A plan in words: what would be changed, where and how; then how it goes. Pure: the screen only paints these lines.

Diffs carry their signs, fates carry a mark and a word, so nothing is told by colour alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui.model.changes import Action, DiffLine, Entry, Fate, Outcome, Plan, Progress, Step, Wish
from tui.model.objects import ObjectRef
from tui.present.clean import clean
from tui.present.parts import count
from tui.present.problems import Line, explanation

_VERBS = {
    Action.APPLY: "apply {}",
    Action.EDIT: "edit {}",
    Action.SCALE: "scale {}",
    Action.SET_IMAGE: "set the image of {}",
    Action.RESTART: "restart {}",
    Action.UNDO_ROLLOUT: "undo the rollout of {}",
    Action.PAUSE: "pause the rollout of {}",
    Action.RESUME: "resume the rollout of {}",
    Action.SUSPEND: "suspend {}",
    Action.UNSUSPEND: "unsuspend {}",
    Action.TRIGGER: "start a job from {}",
    Action.LABEL: "label {}",
    Action.ANNOTATE: "annotate {}",
    Action.CORDON: "cordon {}",
    Action.UNCORDON: "uncordon {}",
    Action.DRAIN: "drain {}",
    Action.DELETE: "delete {}",
    Action.RECREATE: "create {} again",
    Action.RESTORE: "restore {}",
}
DESTRUCTIVE = frozenset({Action.DELETE, Action.DRAIN})
FOLD_FROM = 4
"""Objects from which their diffs are folded at first: what is to be confirmed must be seen as a whole."""
_NAMED = 3
"""Clusters that are named; more are counted too."""

_FATES = {
    Fate.WAITING: ("·", "dim"),
    Fate.RUNNING: ("▸", "accent"),
    Fate.DONE: ("✓", "good"),
    Fate.FAILED: ("×", "bad"),
    Fate.SKIPPED: ("–", "dim"),
}
_SIGNS = {"+": "good", "-": "bad", "@": "accent", " ": "dim"}


def objects_words(refs: Sequence[ObjectRef]) -> str:
    """ "deployment payments/api", "3 deployments", "3 objects" where the kinds differ."""
    if len(refs) == 1:
        return f"{clean(_singular(refs[0]), 60)} {clean(refs[0].title, 200)}"
    kinds = {ref.kind for ref in refs}
    if len(kinds) == 1:
        return count(len(refs), clean(_singular(refs[0]), 60), clean(refs[0].kind.plural, 60))
    return count(len(refs), "object")


def _singular(ref: ObjectRef) -> str:
    return ref.kind.singular or ref.kind.kind.lower() or ref.kind.plural


def clusters_words(refs: Sequence[ObjectRef]) -> str:
    """ "prod-eu, prod-us"; "4 clusters: a, b, c …"."""
    names = list(dict.fromkeys(clean(ref.cluster.name, 60) for ref in refs))
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{len(names)} clusters: {', '.join(names[:_NAMED])} …"


def deed_words(action: Action, refs: Sequence[ObjectRef]) -> str:
    """ "scale 3 deployments in prod-eu, prod-us"."""
    where = clusters_words(refs)
    said = _VERBS[action].format(objects_words(refs))
    return f"{said} in {where}" if where else said


def wish_words(wish: Wish) -> str:
    """The same before there is a plan; an apply is about clusters then, since its objects are in the manifest."""
    if wish.targets:
        return deed_words(wish.action, wish.targets)
    return f"{wish.action.value} to {', '.join(clean(cluster.name, 60) for cluster in wish.clusters)}"


def plan_title(plan: Plan) -> str:
    """What the plan as a whole is about, those that cannot be done included."""
    return deed_words(plan.wish.action, [step.ref for step in plan.steps]) if plan.steps else wish_words(plan.wish)


def confirm_words(plan: Plan) -> str:
    """What the button says: only what would really be done."""
    return deed_words(plan.wish.action, [step.ref for step in plan.ready])


def plan_notes(plan: Plan) -> list[Line]:
    """What must be known before the rest: hidden rows, refusals, and what is as wished already."""
    lines: list[Line] = []
    refused = [step for step in plan.steps if step.problem is not None]
    unchanged = [step for step in plan.steps if step.problem is None and step.unchanged]
    if plan.wish.hidden:
        hidden = count(plan.wish.hidden, "of these rows is", "of these rows are")
        lines.append(Line(f"! {hidden} hidden by the filter", "warn"))
    if refused:
        lines.append(Line(f"× {len(refused)} of {len(plan.steps)} refused by the dry-run: left out", "bad"))
    if unchanged:
        lines.append(Line(f"= {len(unchanged)} of {len(plan.steps)} as wished already: left out", "dim"))
    if plan.ready and not any(step.undoable for step in plan.ready):
        lines.append(Line("! cannot be undone from the journal", "warn"))
    elif some := sum(not step.undoable for step in plan.ready):
        lines.append(Line(f"! {some} of {len(plan.ready)} cannot be undone from the journal", "warn"))
    return lines


def plan_lines(plan: Plan, now: float, *, folded: bool) -> list[Line]:
    """Every step: its object, what happens to it, warnings, and its diff unless folded."""
    lines: list[Line] = []
    several = len({step.ref.cluster for step in plan.steps}) > 1
    mixed = len({step.ref.kind for step in plan.steps}) > 1
    for step in plan.steps:
        lines.append(_step_line(step, _place(step.ref, cluster=several, kind=mixed), folded=folded))
        lines += [Line(f"  ! {clean(warning, 400)}", "warn") for warning in step.warnings]
        if step.problem is not None:
            lines += _indented(explanation(step.problem, now))
        elif not folded:
            lines += diff_lines(step.diff)
    return lines


def _place(ref: ObjectRef, *, cluster: bool, kind: bool) -> str:
    parts = (
        clean(ref.cluster.name, 60) if cluster else "",
        clean(_singular(ref), 60) if kind else "",
        clean(ref.title, 260),
    )
    return "  ".join(part for part in parts if part)


def _step_line(step: Step, place: str, *, folded: bool) -> Line:
    if step.problem is not None:
        return Line(f"× {place}", "bad")
    if step.unchanged:
        return Line(f"= {place}  {clean(step.summary, 200) or 'as wished already'}", "dim")
    counted = f"  {diff_counts(step.diff)}" if folded and step.diff else ""
    return Line(f"› {place}  {clean(step.summary, 200)}{counted}", "bold")


def diff_counts(diff: Sequence[DiffLine]) -> str:
    """ "+2 -1"."""
    signs = Counter(line.sign for line in diff)
    return f"+{signs['+']} -{signs['-']}"


def diff_lines(diff: Sequence[DiffLine]) -> list[Line]:
    """Each line behind its sign."""
    return [
        Line(
            f"  {clean(line.text, 2000)}" if line.sign == "@" else f"  {line.sign} {clean(line.text, 2000)}",
            _SIGNS.get(line.sign, ""),
        )
        for line in diff
    ]


def _indented(lines: Sequence[Line]) -> list[Line]:
    """An explanation below its step, its labels in front of the text."""
    return [
        Line(f"    {line.label + ': ' if line.label else ''}{line.text}", line.style, "", line.copyable)
        for line in lines
    ]


def progress_lines(progress: Progress, now: float) -> list[Line]:
    """Every object and how it fares; failures in the server's words."""
    lines: list[Line] = []
    several = len({step.ref.cluster for step in progress.plan.steps}) > 1
    mixed = len({step.ref.kind for step in progress.plan.steps}) > 1
    for step, outcome in zip(progress.plan.steps, progress.outcomes, strict=True):
        mark, style = _FATES[outcome.fate]
        words = _fate_words(step, outcome)
        lines.append(Line(f"{mark} {_place(step.ref, cluster=several, kind=mixed)}  {words}", style))
        problem = outcome.problem or (step.problem if outcome.fate is Fate.SKIPPED else None)
        if problem is not None:
            lines += _indented(explanation(problem, now))
    return lines


def _fate_words(step: Step, outcome: Outcome) -> str:
    """ "done: replicas 3 → 5"; what was planned stands for what has no words of its own."""
    said = "" if outcome.words == outcome.fate.value else clean(outcome.words, 400)
    if not said and outcome.fate is Fate.DONE:
        said = clean(step.summary, 200)
    return f"{outcome.fate.value}: {said}" if said else outcome.fate.value


def progress_words(progress: Progress) -> str:
    """ "2 of 3 done, 1 failed"."""
    fates = Counter(outcome.fate for outcome in progress.outcomes)
    planned = len(progress.plan.ready)
    said = [f"{fates[Fate.DONE]} of {planned} done"]
    if fates[Fate.FAILED]:
        said.append(f"{fates[Fate.FAILED]} failed")
    left = len(progress.plan.steps) - planned
    if progress.finished and (skipped := fates[Fate.SKIPPED] - left) > 0:
        said.append(f"{skipped} not begun")
    return ", ".join(said)


def all_well(progress: Progress) -> bool:
    return not any(outcome.fate is Fate.FAILED for outcome in progress.outcomes)


def settled(progress: Progress) -> tuple[ObjectRef, ...]:
    """Those of which nothing is left to do: changed, or as wished before it began."""
    pairs = zip(progress.plan.steps, progress.outcomes, strict=True)
    return tuple(
        step.ref for step, outcome in pairs if outcome.fate is Fate.DONE or (step.unchanged and step.problem is None)
    )


def first_failure(progress: Progress) -> tuple[Step, Outcome] | None:
    pairs = zip(progress.plan.steps, progress.outcomes, strict=True)
    return next(((step, outcome) for step, outcome in pairs if outcome.fate is Fate.FAILED), None)


def typed_right(plan: Plan, text: str) -> bool:
    """Whether the names of the production clusters were typed, in any order, between spaces or commas."""
    return set(text.replace(",", " ").split()) == set(plan.typed)


def entry_lines(entry: Entry) -> list[Line]:
    """The diff of a journal entry, or what it has in its stead."""
    if entry.diff:
        return diff_lines(entry.diff)
    return [Line("No difference was recorded.", "dim")]
