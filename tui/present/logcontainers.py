"""Pods that have none of the containers whose logs are asked for: a word that is mistyped must not look like silence.
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.errors import Problem, ProblemKind
from tui.model.logs import LogQuery, LogSource, LogStatus
from tui.present.clean import clean
from tui.present.parts import count

NAMES = 8
"""Containers that are named."""


def no_such_container(query: LogQuery, status: LogStatus | None) -> Problem | None:
    """That no pod has any of them, and which there are; None where one has, or may have, or nobody knows yet."""
    here = _here(status)
    if status is None or not _all_known(query, status) or not here or not all(source.lacks for source in here):
        return None
    return Problem(ProblemKind.NOT_FOUND, f"{_whose(here)} {_asked(query.containers)}", remedy=_choose(query, here))


def unknown_containers(query: LogQuery, status: LogStatus | None) -> tuple[str, ...]:
    """Those of the names that are asked for that no pod has, where others of them are followed; () while not all pods
    are known."""
    here = _here(status)
    if status is None or len(query.containers) < 2 or not _all_known(query, status):
        return ()
    if all(source.lacks for source in here) or not all(source.lacks or source.container for source in here):
        return ()
    had = {source.container for source in here}
    return tuple(name for name in dict.fromkeys(query.containers) if name not in had)


def unknown_words(query: LogQuery, unknown: Sequence[str], status: LogStatus) -> str:
    """ "the pod web-0 does not have a container tpyo: choose of: app, side". unknown: see `unknown_containers`."""
    here = _here(status)
    return f"{_whose(here)} {_asked(unknown)}: {_choose(query, here)}"


def lacking_words(query: LogQuery, status: LogStatus) -> str:
    """ "3 of 5 pods have no container side", where others have it; "" where all have, or nobody knows yet."""
    here = _here(status)
    lacking = sum(source.lacks for source in here)
    if not lacking or lacking == len(here) or not status.complete or not all(map(_known, here)):
        return ""
    have = "has" if lacking == 1 else "have"
    return f"{lacking:,} of {count(_pods(here), 'pod')} {have} no {_wanted(query.containers)}"


def open_to(sources: Sequence[LogSource]) -> Sequence[LogSource]:
    """Those that are containers, and no pods that lack one."""
    return [source for source in sources if not source.lacks]


def _here(status: LogStatus | None) -> list[LogSource]:
    """Of pods that are there; where all are gone, of those that were."""
    sources = status.sources if status is not None else ()
    return [source for source in sources if not source.gone] or list(sources)


def _known(source: LogSource) -> bool:
    return source.lacks or bool(source.container) or source.problem is not None


def _all_known(query: LogQuery, status: LogStatus) -> bool:
    """Whether there are no other pods: all have been listed, or one was named whose place is known, and that needs no
    list, which not everybody may have."""
    return status.complete or (query.of_one_pod and bool(query.namespace) and "," not in query.namespace)


def _whose(here: Sequence[LogSource]) -> str:
    pods = _pods(here)
    return f"none of the {pods:,} pods has" if pods > 1 else f"the pod {clean(here[0].pod, 80)} does not have"


def _choose(query: LogQuery, here: Sequence[LogSource]) -> str:
    """Which there are, and what becomes of one that is not there yet."""
    there = list(dict.fromkeys(clean(name, 60) for source in here for name in source.there))
    more = f" and {len(there) - NAMES:,} more" if len(there) > NAMES else ""
    over = not query.follow or query.previous or all(source.over for source in here)
    later = "" if over else "; one that is added is followed"
    return f"choose of: {', '.join(there[:NAMES])}{more}{later}"


def _pods(here: Sequence[LogSource]) -> int:
    return len({(source.cluster.key, source.namespace, source.pod) for source in here})


def _asked(containers: Sequence[str]) -> str:
    return f"{'a' if len(containers) == 1 else 'any'} {_wanted(containers)}"


def _wanted(containers: Sequence[str]) -> str:
    """ "container side", "container app or side"."""
    return f"container {' or '.join(clean(name, 60) for name in containers)}"
