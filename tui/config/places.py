"""Where the program looks for its files, and where it leaves them (XDG Base Directory Specification)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def config_path(environ: Mapping[str, str]) -> Path:
    """Where `config.yaml` is looked for."""
    return _xdg(environ, "XDG_CONFIG_HOME", ".config") / "config.yaml"


def state_dir(environ: Mapping[str, str]) -> Path:
    """Where the log file and the journal live. Not created here."""
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Where what may be deleted at any time lives. Not created here."""
    return _xdg(environ, "XDG_CACHE_HOME", ".cache")


def home(environ: Mapping[str, str]) -> Path:
    """The home directory."""
    return Path(environ.get("HOME") or Path.home())


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    given = environ.get(variable, "")
    # The specification says that a relative path must be ignored.
    base = Path(given) if given.startswith("/") else home(environ) / fallback
    return base / "clusterview"
