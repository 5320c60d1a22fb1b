"""`clusterview logs`: logs of one or many pods, of one or many clusters.

Without `-f` each container's log is copied as it is, one after the other. With `-f` the log book of the data layer is
printed: merged by time, new pods join, broken streams are resumed without a gap or a repeated line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import msgspec

from tui.cli.choosing import chosen_clusters
from tui.cli.get import namespace_of
from tui.cli.live import running_hub
from tui.cli.output import say
from tui.cli.session import opened, over
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import PODS
from tui.model.logs import LogLine, LogQuery, LogSource, LogStatus
from tui.present.clean import clean

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

AGENT_NAMESPACE = "gke-connect"
AGENT_LABELS = "app=gke-connect-agent"
PODS_AT_ONCE = 8
"""Pods that are asked at the same time for their containers."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def run(arguments: argparse.Namespace) -> int:
    if not (arguments.pod or arguments.selector or arguments.agents):
        raise UsageError("name a pod, or choose with -l app=web, or ask for --agents")
    if arguments.follow and arguments.previous:
        raise UsageError("--previous has ended and cannot be followed: leave out -f")
    seconds = since_seconds(arguments.since)
    return asyncio.run(_follow(arguments, seconds) if arguments.follow else _copy(arguments, seconds))


def since_seconds(text: str) -> int | None:
    """ "1h30m" as seconds. Raises UsageError."""
    if not text:
        return None
    if not re.fullmatch(r"(?:\d+[smhd])+", text):
        raise UsageError(f"--since {text}: expected a duration such as 30s, 5m, 1h30m or 2d")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


# Copying --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Container:
    """One log to copy."""

    namespace: str
    pod: str
    name: str


async def _copy(arguments: argparse.Namespace, seconds: int | None) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)

        async def find(ref: ClusterRef) -> tuple[KubeClient, list[Container]]:
            client = await session.clients.cluster(ref)
            return client, await _containers(client, arguments)

        found, code = await over(chosen.clusters, find, session.clock)
        total = sum(len(containers) for _, (_, containers) in found)
        if found and not total:
            raise SourceError(
                Problem(ProblemKind.NOT_FOUND, "no such pod in " + ", ".join(ref.name for ref, _ in found))
            )
        for ref, (client, containers) in found:
            for container in containers:
                prefix = f"{ref.name}/{container.pod}/{container.name} " if total > 1 else ""
                code = max(code, await _copy_one(client, container, arguments, seconds, prefix))
        return chosen.exit_code(code)


async def _containers(client: KubeClient, arguments: argparse.Namespace) -> list[Container]:
    namespace = AGENT_NAMESPACE if arguments.agents else namespace_of(arguments, client)
    labels = AGENT_LABELS if arguments.agents else arguments.selector
    fields = f"metadata.name={arguments.pod}" if arguments.pod else ""
    pods: list[tuple[str, str]] = []
    async for page in client.list_pages(PODS, namespace=namespace, labels=labels, fields=fields):
        pods += [(row.namespace, row.name) for row in page.rows]
    places = asyncio.Semaphore(PODS_AT_ONCE)

    async def names(namespace: str, pod: str) -> list[str]:
        async with places:
            return [arguments.container] if arguments.container else await _names(client, namespace, pod)

    found = await asyncio.gather(*(names(*pod) for pod in pods))
    return [Container(*pod, name) for pod, held in zip(pods, found, strict=True) for name in held]


class _Named(msgspec.Struct):
    name: str


class _Containers(msgspec.Struct, rename="camel"):
    containers: list[_Named] = []
    init_containers: list[_Named] = []


class _Pod(msgspec.Struct):
    spec: _Containers


async def _names(client: KubeClient, namespace: str, pod: str) -> list[str]:
    """The pod's containers, init containers first, as they run."""
    try:
        spec = msgspec.json.decode(await client.get(PODS.path(namespace, pod)), type=_Pod).spec
    except msgspec.DecodeError as error:
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"pod {pod} cannot be read", str(error))) from error
    return [container.name for container in (*spec.init_containers, *spec.containers)]


async def _copy_one(
    client: KubeClient,
    container: Container,
    arguments: argparse.Namespace,
    seconds: int | None,
    prefix: str,
) -> int:
    log = client.log(
        container.namespace,
        container.pod,
        container.name,
        tail=arguments.tail if arguments.tail >= 0 else None,
        since_seconds=seconds,
        previous=arguments.previous,
        timestamps=arguments.timestamps,
    )
    try:
        async with log as chunks:
            await _write_out(chunks, prefix.encode())
    except SourceError as error:
        say(f"{prefix or container.pod}: {error}")
        return 1
    return 0


async def _write_out(chunks: AsyncIterator[bytes], prefix: bytes) -> None:
    """Raw bytes into a pipe; cleaned lines onto a terminal, which must not be driven by what a container prints."""
    sys.stdout.flush()
    out = sys.stdout.buffer
    if not prefix and not sys.stdout.isatty():
        async for chunk in chunks:
            out.write(chunk)
        out.flush()
        return
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        out.writelines(prefix + _safe(line) + b"\n" for line in lines)
    if rest:
        out.write(prefix + _safe(rest) + b"\n")
    out.flush()


def _safe(line: bytes) -> bytes:
    return clean(line, 1_000_000).encode() if sys.stdout.isatty() else line


# Following ------------------------------------------------------------------------------------------------------------


async def _follow(arguments: argparse.Namespace, seconds: int | None) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        # One namespace is followed in all clusters; where there is one cluster, its context may name it.
        client = await session.clients.cluster(chosen.clusters[0]) if len(chosen.clusters) == 1 else None
    query = LogQuery(
        chosen.clusters,
        namespace="" if arguments.agents else namespace_of(arguments, client),
        labels=arguments.selector,
        pods=(arguments.pod,) if arguments.pod else (),
        containers=(arguments.container,) if arguments.container else (),
        agents=arguments.agents,
        tail=arguments.tail if arguments.tail >= 0 else 1_000_000,
        since_seconds=seconds,
    )
    async with running_hub(arguments, lossless_logs=True) as live:
        book = live.hub.logs(query)
        printer = Printer(timestamps=arguments.timestamps)
        position = 0
        async with aclosing(cast("AsyncGenerator[Feed[LogStatus]]", book.status.follow())) as feeds:
            async for feed in feeds:
                status = feed.value or LogStatus()
                printer.problems(status)
                while position < status.next_seq:
                    lines, missed = book.since(position)
                    if missed:
                        say(f"{missed} lines came faster than they could be printed, and are lost")
                    if not lines:
                        break
                    printer.lines(lines, status.sources)
                    position = lines[-1].seq + 1
    return 0


class Printer:
    """Prints log lines, and each source's troubles once, on stderr."""

    def __init__(self, *, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._said: dict[int, str] = {}

    def lines(self, lines: Sequence[LogLine], sources: tuple[LogSource, ...]) -> None:
        several = len(sources) > 1
        names = {source.index: _name(source) for source in sources}
        out: list[bytes] = []
        for line in lines:
            time = f"{_stamp(line.at)} ".encode() if self._timestamps else b""
            lead = f"{names.get(line.source, '?')} ".encode() if several else b""
            out.append(time + lead + _safe(line.text) + b"\n")
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"".join(out))

    def problems(self, status: LogStatus) -> None:
        for source in status.sources:
            words = str(source.problem) if source.problem is not None else ""
            if words != self._said.get(source.index, ""):
                self._said[source.index] = words
                say(f"{_name(source)}: {words or 'following again'}")


def _name(source: LogSource) -> str:
    return f"{source.cluster.name}/{source.pod}/{source.container}".rstrip("/")


def _stamp(at: int) -> str:
    moment = datetime.fromtimestamp(at // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 10**9:09}Z"
