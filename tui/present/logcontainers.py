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
    if status is None or not status.complete or not here or not all(source.lacks for source in here):
        return None
    first, many = here[0], len(here)
    whose = f"none of the {many:,} pods has" if many > 1 else f"the pod {clean(first.pod, 80)} does not have"
    there = list(dict.fromkeys(clean(name, 60) for source in here for name in source.there))
    more = f" and {len(there) - NAMES:,} more" if len(there) > NAMES else ""
    choose = f"choose of: {', '.join(there[:NAMES])}{more}"
    later = "" if all(source.over for source in here) else "; one that is added is followed"
    return Problem(ProblemKind.NOT_FOUND, f"{whose} {_asked(query)}", remedy=f"{choose}{later}")


def lacking_words(query: LogQuery, status: LogStatus) -> str:
    """ "3 of 5 pods have no container side", where others have it; "" where all have, or nobody knows yet."""
    here = _here(status)
    lacking = sum(source.lacks for source in here)
    if not lacking or lacking == len(here) or not status.complete or not all(map(_known, here)):
        return ""
    pods = len({(source.cluster.key, source.namespace, source.pod) for source in here})
    return f"{lacking:,} of {count(pods, 'pod')} {'has' if lacking == 1 else 'have'} no {_wanted(query)}"


def open_to(sources: Sequence[LogSource]) -> Sequence[LogSource]:
    """Those that are containers, and no pods that lack one."""
    return [source for source in sources if not source.lacks]


def _here(status: LogStatus | None) -> list[LogSource]:
    """Of pods that are there; where all are gone, of those that were."""
    sources = status.sources if status is not None else ()
    return [source for source in sources if not source.gone] or list(sources)


def _known(source: LogSource) -> bool:
    return source.lacks or bool(source.container) or source.problem is not None


def _asked(query: LogQuery) -> str:
    return f"a {_wanted(query)}" if len(query.containers) == 1 else f"any {_wanted(query)}"


def _wanted(query: LogQuery) -> str:
    """ "container side", "container app or side"."""
    return f"container {' or '.join(clean(name, 60) for name in query.containers)}"
