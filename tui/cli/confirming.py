"""What a plan would do, as text, and the question whether it may.

A production cluster (`production:` in the configuration) must be named by whoever confirms: typed at the prompt, or
with `--yes-production NAME`; `--yes` alone does not stand for it. Nor does `--yes` stand for several clusters that a
pattern or a place chose: nobody has seen their names. It does where each was named, or `--all-clusters` was given.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TextIO

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Plan, Step
from tui.present.clean import clean
from tui.present.parts import count

_STYLE = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def show(plan: Plan, stream: TextIO) -> None:
    """Every step with its diff, its warnings and what stands in its way."""
    colour = stream.isatty()
    for step in plan.steps:
        stream.write(f"{title(step)}: {clean(_state(step), 2_000)}\n")
        if step.problem is not None:
            for words in (step.problem.server_words, step.problem.remedy and f"try: {step.problem.remedy}"):
                stream.writelines(f"  {clean(line)}\n" for line in words.splitlines())
        stream.writelines(f"  warning: {clean(warning)}\n" for warning in step.warnings)
        for line in step.diff:
            text = clean(line.text if line.sign == "@" else f"{line.sign}{line.text}")
            style = _STYLE.get(line.sign, "") if colour else ""
            stream.write(f"  {style}{text}\x1b[0m\n" if style else f"  {text}\n")
    stream.flush()


def title(step: Step) -> str:
    """ "prod-eu deployment payments/api"."""
    ref = step.ref
    return clean(f"{ref.cluster.name} {ref.kind.kind.lower()} {ref.title}", 600)


def _state(step: Step) -> str:
    if step.problem is not None:
        return f"refused: {step.problem.summary}"
    return f"{step.summary} (unchanged)" if step.unchanged and "no change" not in step.summary else step.summary


def question(plan: Plan) -> str:
    """What is asked: how much, and where."""
    steps = plan.ready
    clusters = list(dict.fromkeys(step.ref.cluster.name for step in steps))
    refused = sum(step.problem is not None for step in plan.steps)
    left = f" ({refused} refused)" if refused else ""
    where = ", ".join(clusters[:6]) + (f" and {len(clusters) - 6} more" if len(clusters) > 6 else "")
    return clean(f"{plan.wish.action.value}: {count(len(steps), 'object')} in {where}{left}", 600)


def confirm(plan: Plan, *, yes: bool, typed: Sequence[str], named: Collection[str] | None) -> None:
    """Return where the plan may be carried out. yes: `--yes`. typed: the production clusters named by flags. named: the
    clusters that were named in full, None where every one is meant.

    Raises SourceError where it may not, or there is nobody to ask.
    """
    missing = [name for name in plan.typed if name not in typed]
    unnamed = _unnamed(plan, {*named, *typed}) if yes and named is not None else []
    yes = yes and not unnamed
    if yes and not missing:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SourceError(_unasked(plan, missing, unnamed, yes=yes))
    sys.stderr.write(f"{question(plan)}\n")
    for name in missing:
        if _answer(f"production: type {clean(name, 200)} to go on: ") != name:
            raise _declined()
    if not yes and not missing and _answer("go on? [y/N] ").lower() not in ("y", "yes"):
        raise _declined()


def _unnamed(plan: Plan, named: Collection[str]) -> list[str]:
    """The clusters that would be changed without having been named, where it is more than one that would be."""
    clusters = dict.fromkeys(step.ref.cluster.name for step in plan.ready)
    return [name for name in clusters if name not in named] if len(clusters) > 1 else []


def _answer(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _declined() -> SourceError:
    return SourceError(Problem(ProblemKind.FORBIDDEN, "not confirmed: nothing was changed"))


def _unasked(plan: Plan, missing: Sequence[str], unnamed: Sequence[str], *, yes: bool) -> Problem:
    if unnamed:
        summary = f"--yes stands for several clusters only where each is named, so nothing was done ({question(plan)})"
        flags = [*(f"--cluster {name}" for name in unnamed), *(f"--yes-production {name}" for name in missing)]
        return Problem(ProblemKind.FORBIDDEN, f"{summary}; name them all by {' '.join(flags)}, or give --all-clusters")
    flags = [*([] if yes else ["--yes"]), *(f"--yes-production {name}" for name in missing)]
    summary = f"nobody can be asked without a terminal, so nothing was done ({question(plan)})"
    return Problem(ProblemKind.FORBIDDEN, f"{summary}; to do it without a question add {' '.join(flags)}")
