"""All settings, and what they are where nobody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from tui.model.views import SavedView

DEFAULT_REFRESH = 30.0
DEFAULT_QUOTA_SHARE = 0.25
DEFAULT_STREAMS = 5
MOST_STREAMS = 10
"""Exec, attach and port-forward streams that a fleet host project may have open, by everybody together."""
DEFAULT_WRITE_MINUTES = 5.0
DEFAULT_LOG_LINES = 100_000
DEFAULT_LOG_BYTES = 256 << 20

THEMES = (
    "dark", "light", "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe",
    "catppuccin-latte", "catppuccin-macchiato", "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord",
    "rose-pine", "rose-pine-dawn", "rose-pine-moon", "solarized-dark", "solarized-light", "textual-dark",
    "textual-light", "tokyo-night",
)  # fmt: skip
"""Our own two, and Textual's. Written down, since asking Textual would cost every command its import."""


def _texts() -> dict[str, str]:
    return {}


def _views() -> dict[str, SavedView]:
    return {}


class Settings(Struct, frozen=True):
    """All settings, frozen.

    projects: Google Cloud projects whose fleets are shown; () = the one gcloud is set to. subscriptions: Azure
    subscription ids; () = all of the account. kubeconfig: files whose contexts are clusters. context: the context to
    begin with, "" = the file's current one. clusters: patterns (glob, `/regex/`, `^not`) that clusters must match.
    refresh: seconds between two polls. quota_share: fraction of the Connect gateway's 2,400 requests a minute that
    this process may use. streams: how many of the ten exec, attach and port-forward streams of a fleet host project
    all processes of this user on this machine may have open. theme: "dark", "light" or a Textual theme's name. keymap:
    binding id -> keys. aliases: what may be typed after `:` -> what it stands for. read_only: patterns of clusters that
    are never written to. production:
    patterns of clusters whose name must be typed to confirm a change. write_minutes: how long writing stays unlocked.
    log_lines, log_bytes: what a log view keeps of what it has read; the oldest lines leave first.
    flash: cells that have just changed stand out for a moment. views: lists under names of the user's own.
    verbose: 0, or 1 for debug lines in the log file.
    """

    projects: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    kubeconfig: tuple[Path, ...] = ()
    context: str = ""
    clusters: tuple[str, ...] = ()
    refresh: float = DEFAULT_REFRESH
    quota_share: float = DEFAULT_QUOTA_SHARE
    streams: int = DEFAULT_STREAMS
    theme: str = "dark"
    keymap: Mapping[str, str] = field(default_factory=_texts)
    aliases: Mapping[str, str] = field(default_factory=_texts)
    views: Mapping[str, SavedView] = field(default_factory=_views)
    flash: bool = True
    read_only: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    write_minutes: float = DEFAULT_WRITE_MINUTES
    log_lines: int = DEFAULT_LOG_LINES
    log_bytes: int = DEFAULT_LOG_BYTES
    verbose: int = 0
    config_file: Path | None = None
