"""`clusterview info`: every path, every version, which credentials were found, and who owns our package names."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Awaitable
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import TYPE_CHECKING

from tui import __version__
from tui.cli.output import print_document, print_table
from tui.cli.session import opened
from tui.config.places import config_path, state_dir
from tui.errors import SourceError
from tui.model.cluster import ClusterRef

if TYPE_CHECKING:
    from tui.wiring import Clients

LIBRARIES = (
    "textual", "aiohttp", "msgspec", "kubernetes", "google-auth", "azure-identity",
    "azure-mgmt-kubernetesconfiguration",
)  # fmt: skip
TOOLS = ("gcloud", "gke-gcloud-auth-plugin", "kubectl", "az", "kubelogin")
OWN_PACKAGES = ("tui", "screens", "widgets")


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_info(arguments))


async def _info(arguments: argparse.Namespace) -> int:
    async with opened(arguments) as session:
        settings, clients = session.settings, session.clients
        identity = await clients.identity()
        contexts = await _said(clients.contexts())
        facts: dict[str, str] = {
            "clusterview": __version__,
            "python": f"{platform.python_version()} ({sys.executable})",
            **{name: _installed(name) for name in LIBRARIES},
            "configuration file": str(settings.config_file or f"{config_path(os.environ)} (none)"),
            "log file": str(state_dir(os.environ) / "clusterview.log"),
            "kubeconfig": ", ".join(map(str, settings.kubeconfig)),
            "contexts": contexts,
            "projects": ", ".join(session.projects) or "none: gcloud config set project ID, or --project ID",
            "subscriptions": ", ".join(settings.subscriptions) or "all of the account",
            "streams": await _streams(clients),
            "Google credentials": identity.google_source or f"none: {clients.google.remedy}",
            "Google account": identity.google or "unknown",
            "Azure credentials": identity.azure_source or "none: az login",
            "Azure account": identity.azure or "unknown",
            **{name: shutil.which(name) or "not found" for name in TOOLS},
            "package owners": _owners(),
        }
        if session.form in ("json", "yaml"):
            print_document(facts, session.form)
        elif session.form == "name":
            print("\n".join(facts))
        else:
            print_table(("WHAT", "VALUE"), list(facts.items()))
        return 0


async def _said(contexts: Awaitable[tuple[ClusterRef, ...]]) -> str:
    try:
        return ", ".join(ref.name for ref in await contexts) or "none"
    except SourceError as error:
        return str(error)


async def _streams(clients: Clients) -> str:
    """Our share of the streams of each fleet host project, and how much of it is in use."""
    slots = clients.slots
    share = f"{slots.share} at once in a fleet host project"
    if alone := await slots.tried():
        return f"{share}, of this process alone ({alone})"
    used = {quota: await slots.used(quota) for quota in await clients.queues()}
    told = ", ".join(f"{count} in {clients.shown(quota)}" for quota, count in used.items() if count)
    return f"{share}, of all processes of this user; in use now: {told or 'none'}"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _owners() -> str:
    """Top-level names as plain as ours can be overwritten by another distribution in a shared environment."""
    owners = packages_distributions()
    others = {
        f"{package} also by {', '.join(sorted(set(owners.get(package, ())) - {'clusterview'}))}"
        for package in OWN_PACKAGES
        if set(owners.get(package, ())) - {"clusterview"}
    }
    return "; ".join(sorted(others)) or "clusterview alone"
