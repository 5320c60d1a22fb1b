"""The composition root: settings in, clients and hub out. The only place where the layers are joined.

Importing this module costs nothing heavy: the SDKs and aiohttp come in `open_clients`, in a thread, after the first
frame is painted.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from tui.clients.gcloud_config import GcloudConfig, read_gcloud_config
from tui.clock import Clock
from tui.config.places import cache_dir, state_dir
from tui.config.settings import Settings

JOURNAL = "journal.jsonl"
"""The file of the journal, beside the log."""

if TYPE_CHECKING:
    from tui.changes.desk import Desk
    from tui.changes.settings import ChangeSettings, Connect, Names
    from tui.clients.roads import Clients
    from tui.data.hub import Hub
    from tui.data.hubports import Ports
    from tui.errors import Problem
    from tui.model.streams import ForwardState, ForwardTarget, PortPair, StreamPort
    from tui.streams.forward import Forward


def build_hub(settings: Settings, environ: Mapping[str, str], clock: Clock, *, lossless_logs: bool = False) -> Hub:
    """The data layer, not yet started. Reads gcloud's small configuration file and nothing else.

    lossless_logs: a log that is read slowly is followed slowly, instead of losing its oldest lines.
    """
    # Here, since a command that asks its clients directly does without a hundred modules.
    from tui.changes.desk import Desk
    from tui.clients.governor import QUOTA_PER_MINUTE
    from tui.data.hub import Hub
    from tui.data.settings import HubSettings
    from tui.streams.logs import LogFollow

    config = read_gcloud_config(environ)
    hub_settings = HubSettings(
        projects=projects_of(settings, config),
        subscriptions=settings.subscriptions or None,
        clusters=settings.clusters,
        refresh=settings.refresh,
        lossless_logs=lossless_logs,
        log_lines=settings.log_lines,
        log_bytes=settings.log_bytes,
        gateway_per_minute=int(settings.quota_share * QUOTA_PER_MINUTE),
        state=state_dir(environ),
        cache=cache_dir(environ),
    )

    async def make_ports() -> Ports:
        await _load("tui.clients.azure", "tui.clients.google", "tui.clients.kube_tables")
        return ports_of(await open_clients(settings, environ, clock, config))

    def make_desk(connect: Connect, names: Names) -> Desk:
        return Desk(connect, clock, change_settings(settings, environ), names)

    return Hub(hub_settings, make_ports, clock, LogFollow, make_desk, make_forward)


def make_forward(
    port: Callable[[], Awaitable[StreamPort]],
    target: ForwardTarget,
    pairs: tuple[PortPair, ...],
    clock: Clock,
    wait: Callable[[Problem], float],
    changed: Callable[[ForwardState], None],
) -> Forward:
    """A port-forward to one of the pods of `target`."""
    from tui.streams.dialing import Dialer
    from tui.streams.forward import Forward

    asked = [pair.remote for pair in pairs]
    dialer = Dialer(port, target.kind, target.namespace, target.name, asked, clock, wait)
    return Forward(dialer.dial, pairs, clock, wait, changed)


def change_settings(settings: Settings, environ: Mapping[str, str]) -> ChangeSettings:
    """What the desk for changes is told."""
    from tui.changes.settings import ChangeSettings

    return ChangeSettings(
        read_only=settings.read_only,
        production=settings.production,
        minutes=settings.write_minutes,
        journal=state_dir(environ) / JOURNAL,
        source=str(settings.config_file or "the configuration"),
    )


def projects_of(settings: Settings, config: GcloudConfig) -> tuple[str, ...]:
    """Those configured, else the one gcloud is set to."""
    return settings.projects or ((config.project,) if config.project else ())


async def open_clients(
    settings: Settings, environ: Mapping[str, str], clock: Clock, config: GcloudConfig | None = None
) -> Clients:
    """Every client, built and not yet asked anything. Close it in the end."""
    await _load("tui.clients.roads")
    from tui.clients.roads import Clients

    config = config or read_gcloud_config(environ)
    return Clients(settings, projects_of(settings, config), config, environ, clock)


async def _load(*modules: str) -> None:
    """Import them: some hundred milliseconds, during which keys must be answered."""
    missing = [module for module in modules if module not in sys.modules]
    for module in missing:
        await asyncio.to_thread(importlib.import_module, module)
    if missing:
        gc.freeze()  # a hundred thousand objects that live for ever: each look through them holds up a key


def ports_of(clients: Clients) -> Ports:
    """The clients, as the data layer asks them."""
    from tui.clients.problems import reach_layer
    from tui.data.hubports import Ports

    return Ports(
        connector=clients,
        fleet=clients.fleet,
        arm=clients.arm,
        contexts=clients.contexts,
        writer=clients.cluster,
        streams=clients.cluster,
        facts=clients.stream_facts,
        names=clients.names,
        counted=clients.counted,
        shown=clients.shown,
        layer=reach_layer,
        identity=clients.identity,
        meter=clients.meter,
        close=clients.close,
    )
