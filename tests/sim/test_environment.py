"""The environment by which the real tools reach the simulated clouds."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.errors import UsageError
from tui.sim.ca import write_private

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds


async def test_the_script_says_in_a_shell_what_the_variables_say(clouds: Clouds) -> None:
    server = clouds.server
    variables = server.environment("viewer")
    names = sorted(variables)
    command = f"{server.script('viewer')}\nfor n in {shlex.join(names)}; do printenv $n; done"
    printed = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert printed.stdout.splitlines() == [variables[name] for name in names]
    assert variables["CLOUDSDK_AUTH_ACCESS_TOKEN"] == server.tokens["viewer"]
    assert variables["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"] == f"{server.base_url}/"
    assert variables["CLUSTERVIEW_PROJECTS"] == "acme-1,bare-1"


async def test_the_control_secret_is_only_in_the_file(clouds: Clouds) -> None:
    secret = clouds.server.people.control_secret
    assert secret not in clouds.server.script()
    assert f"export CLUSTERVIEW_SIM_CONTROL={secret}" in clouds.server.script(control=True)


async def test_people_do_not_share_folders_and_az_finds_its_cloud(clouds: Clouds) -> None:
    admin, viewer = clouds.server.environment("admin"), clouds.server.environment("viewer")
    for name in ("KUBECONFIG", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR", "IDENTITY_HEADER"):
        assert admin[name] != viewer[name]
    clouds_config = (Path(admin["AZURE_CONFIG_DIR"]) / "clouds.config").read_text()
    assert f"endpoint_resource_manager = {clouds.server.base_url}/" in clouds_config
    assert "name = ClusterviewSimulated" in (Path(admin["AZURE_CONFIG_DIR"]) / "config").read_text()


async def test_a_kubeconfig_that_gcloud_has_filled_is_not_emptied(clouds: Clouds) -> None:
    path = Path(clouds.server.environment()["KUBECONFIG"])
    write_private(path, b"apiVersion: v1\nkind: Config\ncontexts: []\n")
    clouds.server.environment()
    assert b"contexts" in await asyncio.to_thread(path.read_bytes)


async def test_somebody_unknown_is_named_with_those_who_are_known(clouds: Clouds) -> None:
    with pytest.raises(UsageError, match=r"'mallory'.*admin, viewer, reader"):
        clouds.server.environment("mallory")
