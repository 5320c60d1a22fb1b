"""Who may enter a container from the command line: asked before a session is opened, and once more before it is opened
again. It may have been open for as long as a gateway lets it, and waited for an Enter for longer still."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.cli.places import one_cluster, pod_meant
from tui.cli.preflight import checked
from tui.cli.session import Session, opened
from tui.cli.writing import needs_write
from tui.config.loading import load_settings
from tui.config.settings import Settings
from tui.model.bodies import namespace_of
from tui.model.cluster import ClusterRef
from tui.model.objects import Body

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient


class Admitted(Struct, frozen=True):
    """Where a session goes. once_more: raises SourceError where the configuration, as it has become meanwhile, forbids
    it; UsageError where that is not valid."""

    client: KubeClient
    pod: Body
    once_more: Callable[[], Awaitable[None]]


@asynccontextmanager
async def admitted(arguments: argparse.Namespace, stream: str = "exec") -> AsyncGenerator[Admitted]:
    """The cluster that is meant, and the pod. Raises SourceError where it may not be entered."""
    needs_write(arguments)
    async with opened(arguments) as session:
        ref = await one_cluster(session, writes=True)
        await _admit(session, ref, session.settings)
        client = await session.clients.cluster(ref)
        pod = await pod_meant(client, arguments)
        await checked(session, ref, stream, namespace_of(pod), arguments)

        async def once_more() -> None:
            await _admit(session, ref, load_settings(os.environ, config_file=vars(arguments).get("config")))

        yield Admitted(client, pod, once_more)


async def _admit(session: Session, ref: ClusterRef, settings: Settings) -> None:
    """Ask the desk, by the rules of `settings`. --write unlocks it each time: whoever opens a session again says so
    again. Raises SourceError."""
    from tui.changes.desk import Desk
    from tui.wiring import change_settings

    desk = Desk(session.clients.cluster, session.clock, change_settings(settings, os.environ))
    try:
        desk.unlock()
        await desk.admit(ref)
    finally:
        await desk.stop()
