"""Which cluster the terminal UI begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.kubeconfigs import config, write
from tui.cli.ui import meant_context
from tui.config.settings import Settings
from tui.data.clusters import context_ref

GATEWAY = "https://connectgateway.googleapis.com/v1/projects/7/locations/global/gkeMemberships/web"


@pytest.mark.parametrize(
    ("content", "project"),
    [(config(name="mine", server=GATEWAY), "7"), (config(name="mine"), ""), ("- not a kubeconfig", "")],
    ids=["by the gateway", "directly", "unreadable"],
)
def test_a_context_is_the_one_that_the_directory_of_clusters_knows(
    tmp_path: Path, content: object, project: str
) -> None:
    path = write(tmp_path / "kubeconfig", content)
    assert meant_context(Settings(kubeconfig=(path,), context="mine")) == context_ref("mine", project)
