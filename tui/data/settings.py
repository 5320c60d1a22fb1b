"""What the hub is told at its birth: whom to ask, and how often."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class HubSettings(Struct, frozen=True):
    """Frozen settings of a hub; times in seconds.

    projects: Google Cloud projects whose fleets are shown. subscriptions: Azure subscription ids; None = all of the
    account. clusters: patterns that the names of shown clusters match; () = all. refresh: how often the clouds are
    asked for what changes often; slower things are asked in multiples of it. linger: how long work goes on after its
    last reader left. timeout: for one try.
    probes_per_minute: reachability probes over all clusters; with more clusters each is probed less often.
    agents_watched: connect agents of that many clusters are watched at once.
    log_lines, log_bytes: what a log view keeps. log_streams: log streams that are open at once, over all views;
    log_streams_each: of them of one cluster. gateway_per_minute: requests that we may send for each fleet host project,
    of which logs that take turns take a part. lossless_logs: hold the streams up rather than evict lines that have not
    been read (a pipe, where the screen shows the newest).
    seed: of the jitter; None = from the system. strict: bugs end their job (tests). state: folder for what is worth
    remembering until the next run; None = nothing is. cache: folder for what only makes the next start quicker.
    """

    projects: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] | None = None
    clusters: tuple[str, ...] = ()
    refresh: float = 30.0
    linger: float = 15.0
    timeout: float = 20.0
    probes_per_minute: int = 120
    agents_watched: int = 60
    log_lines: int = 100_000
    log_bytes: int = 256 << 20
    log_streams: int = 120
    log_streams_each: int = 50
    gateway_per_minute: int = 600
    lossless_logs: bool = False
    seed: int | None = None
    strict: bool = False
    state: Path | None = None
    cache: Path | None = None

    def probe_every(self, clusters: int) -> float:
        """Seconds between two probes of one of `clusters` clusters."""
        return max(self.refresh, clusters * 60 / self.probes_per_minute)
