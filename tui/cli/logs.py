"""`clusterview logs`: logs of one or many pods, of one or many clusters.

One whole log, as it is, is copied (`logcopy`); everything else is the merged view of the data layer, printed
(`follow`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from tui.cli.choosing import Chosen, chosen_clusters
from tui.cli.logcopy import copy
from tui.cli.lognames import Naming, naming_of
from tui.cli.logprint import Form, checked, patterns
from tui.cli.meant import namespace_of
from tui.cli.output import say
from tui.cli.podlogs import Container, Pod, containerless, containers_in, nothing, pods_in
from tui.cli.session import Session, opened, over
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.logask import Asked, LogWords, asked

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient
    from tui.present.logfilter import LogFilter


def run(arguments: argparse.Namespace) -> int:
    wanted, form = asked(words_of(arguments)), form_of(arguments)
    return asyncio.run(_run(arguments, wanted, form))


def words_of(arguments: argparse.Namespace) -> LogWords:
    """Which logs a command line asks for."""
    return LogWords(
        what=tuple(arguments.what),
        selector=arguments.selector,
        namespace=arguments.namespace,
        all_namespaces=arguments.all_namespaces,
        containers=tuple(arguments.container),
        agents=arguments.agents,
        previous=arguments.previous,
        follow=arguments.follow,
        tail=arguments.tail,
        since=arguments.since,
        since_time=arguments.since_time,
        until=arguments.until,
    )


def form_of(arguments: argparse.Namespace) -> Form:
    """How lines are printed. Raises UsageError."""
    output = vars(arguments).get("output")
    if output not in (None, "json"):
        raise UsageError(f"-o {output} means nothing to logs: -o json, or --template")
    if output and arguments.template:
        raise UsageError("-o json and --template exclude each other")
    if arguments.context_lines < 0:
        raise UsageError(f"-C {arguments.context_lines}: expected a number of lines")
    chosen = filter_of(arguments.filter)
    if arguments.context_lines and not (chosen or arguments.include or arguments.exclude):
        raise UsageError("-C is about lines around those that are chosen: with --include, --exclude or --filter")
    terminal = sys.stdout.isatty()
    colours = arguments.color == "always" or (arguments.color == "auto" and terminal and not os.environ.get("NO_COLOR"))
    highlight = patterns("--highlight", ["|".join(f"(?:{one})" for one in arguments.highlight)])
    return Form(
        include=patterns("--include", arguments.include),
        exclude=patterns("--exclude", arguments.exclude),
        chosen=chosen,
        context=arguments.context_lines,
        zone=zone_of(arguments.timezone),
        fields=tuple(filter(None, (name.strip() for name in arguments.fields.split(",")))),
        highlight=highlight[0] if arguments.highlight else None,
        template=checked(arguments.template),
        json=bool(output),
        timestamps=arguments.timestamps or bool(arguments.timezone),
        colours=colours and not output and not arguments.template,
        safe=terminal,
    )


def filter_of(text: str) -> LogFilter | None:
    """None for none. Raises UsageError naming what is wrong with it."""
    if not text:
        return None
    from tui.present.logfilter import parse_log_filter  # only where one is asked for

    return parse_log_filter(text)


def zone_of(name: str) -> tzinfo | None:
    """UTC for "", None for this machine's own. Raises UsageError for a zone that is not known here."""
    if name.upper() in ("", "UTC", "Z"):
        return UTC
    if name.lower() == "local":
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise UsageError(
            f"--timezone {name}: not known here: expected local, UTC or a name such as Europe/Berlin"
        ) from error


async def _run(arguments: argparse.Namespace, wanted: Asked, form: Form) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        # One namespace is followed in all clusters; where there is one cluster, its context may name it.
        client = await session.clients.cluster(chosen.clusters[0]) if len(chosen.clusters) == 1 else None
        namespace = "" if wanted.agents else namespace_of(arguments, client)
        found = await _look(session, chosen, arguments, wanted)
        if not found.clusters:
            return chosen.exit_code(found.code)
        query = wanted.query(found.clusters, namespace)
        if not wanted.follow and (problem := containerless(query, found.pods)) is not None:
            raise SourceError(problem)
        known = max((len(pod.containers) for _, held in found.pods for pod in held), default=0)
        naming = naming_of(query, len(chosen.clusters), known, arguments.prefix)
        if (one := await _only_one(session, found, wanted, form, naming)) is not None:
            return chosen.exit_code(max(found.code, await copy(*one, session.clock, wanted.previous)))
        from tui.cli.follow import print_view  # the whole data layer, which a copy does without

        return chosen.exit_code(await print_view(arguments, query, form, naming, found.refused, found.code))


class _Found:
    """What a first look has found. clusters: where the view is to look. refused: what was said of those that did not
    answer. code: the exit code so far."""

    def __init__(self, pods: list[tuple[ClusterRef, list[Pod]]], refused: dict[str, str], code: int) -> None:
        self.pods = pods
        self.clusters: tuple[ClusterRef, ...] = ()
        self.refused = refused
        self.code = code


async def _look(session: Session, chosen: Chosen, arguments: argparse.Namespace, wanted: Asked) -> _Found:
    """The pods there are now. What was named is followed where it is; whatever else is chosen may appear anywhere, at
    any time. Raises SourceError where what was named is nowhere."""
    refused: dict[str, str] = {}
    idle: set[str] = set()  # where a workload is that has no pods now, and may have some later

    async def look(ref: ClusterRef) -> list[Pod]:
        try:
            there = await pods_in(await session.clients.cluster(ref), arguments, wanted)
        except SourceError as error:
            refused[ref.name] = str(error.problem)
            raise
        if there == [] and (wanted.workloads or not wanted.named):
            idle.add(ref.key)
            say(nothing(ref, arguments, wanted))
        return there or []

    pods, code = await over(chosen.clusters, look, session.clock)
    found = _Found(pods, refused, code)
    there = tuple(ref for ref, held in pods if held or (wanted.workloads and ref.key in idle))
    if pods and wanted.named and not there:
        names = ", ".join(ref.name for ref, _ in pods)
        regex = f"; as a regular expression: '{wanted.pods[0]}.*'" if wanted.pods else ""
        raise SourceError(Problem(ProblemKind.NOT_FOUND, f"{wanted.title} not found in {names}{regex}"))
    if pods:
        found.clusters = chosen.clusters if wanted.follow and not wanted.named else there
    return found


async def _only_one(
    session: Session, found: _Found, wanted: Asked, form: Form, naming: Naming
) -> tuple[KubeClient, Container] | None:
    """The one log that is to be printed as it is, from its beginning; None where it is not so simple."""
    pods = [(ref, pod) for ref, held in found.pods for pod in held]
    windowed = wanted.since_seconds is not None or wanted.since or wanted.until or wanted.tail is not None
    if wanted.follow or windowed or not form.plain or naming.prefix or len(pods) != 1:
        return None
    client = await session.clients.cluster(pods[0][0])
    containers = await containers_in(client, pods[0][1], wanted)
    return (client, containers[0]) if len(containers) == 1 else None
