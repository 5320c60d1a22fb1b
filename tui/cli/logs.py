"""`clusterview logs`: logs of one or many pods, of one or many clusters.

Without `-f` each container's log is copied as it is, one after the other; with `-f` see `tui.cli.follow`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.cli.choosing import chosen_clusters
from tui.cli.follow import follow
from tui.cli.output import safe_line, say
from tui.cli.podlogs import nothing, pods_in, read_pod, scope_of
from tui.cli.session import opened, over
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.kube import Row

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

PODS_AT_ONCE = 8
"""Pods that are asked at the same time for their containers."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def run(arguments: argparse.Namespace) -> int:
    if not (arguments.pod or arguments.selector or arguments.agents):
        raise UsageError("name a pod, or choose with -l app=web, or ask for --agents")
    if arguments.follow and arguments.previous:
        raise UsageError("--previous has ended and cannot be followed: leave out -f")
    seconds = since_seconds(arguments.since)
    return asyncio.run(follow(arguments, seconds) if arguments.follow else _copy(arguments, seconds))


def since_seconds(text: str) -> int | None:
    """ "1h30m" as seconds. Raises UsageError."""
    if not text:
        return None
    if not re.fullmatch(r"(?:\d+[smhd])+", text):
        raise UsageError(f"--since {text}: expected a duration such as 30s, 5m, 1h30m or 2d")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


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
        if found and not total and arguments.pod:
            names = ", ".join(ref.name for ref, _ in found)
            raise SourceError(Problem(ProblemKind.NOT_FOUND, f'pods "{arguments.pod}" not found in {names}'))
        for ref, (client, containers) in found:
            for container in containers:
                prefix = f"{ref.name}/{container.pod}/{container.name} " if total > 1 else ""
                code = max(code, await _copy_one(client, container, arguments, seconds, prefix))
        return chosen.exit_code(code)


async def _containers(client: KubeClient, arguments: argparse.Namespace) -> list[Container]:
    scope = await scope_of(client, arguments)
    pods = await pods_in(client, scope)
    if not pods and not arguments.pod:
        say(nothing(client.ref, arguments, scope.namespace))
    places = asyncio.Semaphore(PODS_AT_ONCE)

    async def names(row: Row) -> list[str]:
        if arguments.container:
            return [arguments.container]
        async with places:
            return (await read_pod(client, row.namespace, row.name)).containers

    found = await asyncio.gather(*map(names, pods))
    return [Container(row.namespace, row.name, name) for row, held in zip(pods, found, strict=True) for name in held]


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
        out.writelines(prefix + safe_line(line) + b"\n" for line in lines)
    if rest:
        out.write(prefix + safe_line(rest) + b"\n")
    out.flush()
