"""The shared flags of a command line as settings, and the log file started with them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.logfile import start_logging
from tui.config.loading import load_settings
from tui.config.places import state_dir
from tui.config.settings import Settings
from tui.errors import SourceError, UsageError
from tui.model.patterns import cluster_filter

if TYPE_CHECKING:
    import argparse


def settings_of(arguments: argparse.Namespace) -> Settings:
    """File, environment and this command's flags; logging is started. Raises UsageError."""
    given = vars(arguments)
    flags: dict[str, object] = {
        "projects": _tuple(given.get("project")),
        "subscriptions": _tuple(given.get("subscription")),
        "clusters": _tuple(given.get("cluster")),
        "kubeconfig": _existing(given.get("kubeconfig")),
        "context": given.get("context"),
        "verbose": given.get("verbose"),
    }
    settings = load_settings(os.environ, flags, given.get("config"))
    cluster_filter(settings.clusters)  # a bad pattern is said before anything is asked
    if settings.context:
        _refuse_others(given)
        _must_exist(settings)
    start_logging(state_dir(os.environ), settings.verbose)
    return settings


def _refuse_others(given: Mapping[str, object]) -> None:
    """A context is one cluster: other flags that choose some would be lost beside it."""
    for name in ("cluster", "all_clusters", "project", "subscription"):
        if given.get(name):
            raise UsageError(f"--context names one cluster already: leave out --{name.replace('_', '-')}")


def _must_exist(settings: Settings) -> None:
    from tui.clients.kubeconfig_files import contexts  # reads YAML, and only where a context is named

    try:
        known = contexts(settings.kubeconfig).names
    except SourceError as error:
        raise UsageError(str(error)) from error
    if settings.context not in known:
        there = f"; there are: {', '.join(known[:12])}" if known else ""
        raise UsageError(f"the kubeconfig has no context {settings.context!r}{there}")


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values is not None else None


def _existing(path: Path | None) -> tuple[Path, ...] | None:
    """A file that is named must be there: only an entry of $KUBECONFIG may be missing, as for kubectl."""
    if path is None:
        return None
    if not path.is_file() and not path.is_fifo():
        raise UsageError(f"--kubeconfig {path}: there is no such file")
    return (path,)
