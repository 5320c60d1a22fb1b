"""Shell, attach, copy and port-forward that are refused: the lights say it before, the screen says it after."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SimProcess, simulating
from tests.journeys.conftest import Sit, seat
from tests.journeys.driver import Person
from widgets.lone_keys import QUIET

SEEN = {
    "vault": ("lacks gkehub.gateway.stream on acme-locked", "--role=roles/gkehub.gatewayAdmin"),
    "shop-us": ("lacks get on pods/", "--verb=get,create --resource=pods/"),
    "museum": ("the cluster is v1.29.9; the gateway passes", "upgrade the cluster to 1.3"),
}
"""What a light says before, and its cure."""
SAID = {
    "vault": ("lacks gkehub.gateway.stream", "--role=roles/gkehub.gatewayAdmin"),
    "shop-us": ("lacks get or create on pods/", "--verb=get,create"),
    "museum": ("it must be Kubernetes 1.3", "upgrade the cluster"),
    "market": ("all 10 streams of the fleet host project are in use", "active_streams"),
    "plant-1": ("the connect agent could not open the stream", "kubectl logs -n gke-connect"),
    "plant-2": ("the link between the cluster and Google failed", "kubectl -n gke-connect get pods"),
}
"""What the screen says of the refusal, and the cure."""
KINDS = ("/exec", "/attach", "/portforward")


@pytest.fixture(scope="module")
def streams_sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with simulating(tmp_path_factory.mktemp("refused"), "--scenario", "streams") as running:
        yield running


@pytest.fixture
def sit(streams_sim: SimProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sit:
    return seat(streams_sim, tmp_path, monkeypatch, tuple(SAID), {})


@pytest.fixture
def terminal() -> Iterator[None]:
    """Descriptor 0 is a terminal, as it is for whoever sits at one."""
    near, far = pty.openpty()
    before = os.dup(0)
    os.dup2(far, 0)
    yield
    os.dup2(before, 0)
    for one in (near, far, before):
        os.close(one)


def opened(sim: SimProcess) -> list[str]:
    """The streams that have been asked for."""
    secret = {"X-Sim-Control": sim.env["CLUSTERVIEW_SIM_CONTROL"]}
    request = urllib.request.Request(f"{sim.base_url}/_sim/requests", headers=secret)
    with urllib.request.urlopen(request, timeout=30) as answer:
        asked: list[dict[str, Any]] = json.load(answer)
    assert asked
    return [path for one in asked if (path := one["path"].partition("?")[0]).endswith(KINDS)]


async def says(person: Person, *texts: str) -> None:
    """The modal in front says these, wherever its lines break."""
    squeezed = ["".join(text.split()) for text in texts]

    def there() -> bool:
        front = "".join(person.front().replace("│", " ").split())
        return all(text in front for text in squeezed)

    await person.until(there, f"{texts} in front")


async def leave(person: Person) -> None:
    """Esc counts where it stands alone, and so not close behind the key that began it."""
    while person.front():
        await person.press("escape")
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * QUIET):
                while person.front():
                    person.app.painted.clear()
                    await person.app.painted.wait()


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("key", "stream"), [("s", "exec"), ("a", "attach"), ("t", "exec")], ids=["s", "a", "t"])
async def test_cause_and_cure_are_on_screen(
    sit: Sit, streams_sim: SimProcess, tmp_path: Path, key: str, stream: str
) -> None:
    async def begin(person: Person) -> None:
        await person.press(key)
        if key == "t":
            await person.faces("copies it")
            await person.press("tab")
            await person.type("/etc/hostname")
            await person.press("tab", "ctrl+u")
            await person.type(f"{tmp_path}/copied")
            await person.press("enter")

    async with sit() as person:
        await person.unlock()
        for cluster, (cause, cure) in SAID.items():
            before = len(opened(streams_sim))
            await person.list(f"pods @{cluster} -n web /orders-db", "orders-db-0")
            await begin(person)
            if cluster in SEEN:
                await says(person, "It would be refused:", *SEEN[cluster])
                await person.press("escape")
                await person.until(lambda: not person.front(), "the way back")
                assert len(opened(streams_sim)) == before, "it was opened all the same"
                await begin(person)
                await says(person, "It would be refused:")
                await person.press("enter")
            await says(person, "copy with" if key == "t" else "it was refused", cause, cure)
            paths = opened(streams_sim)
            assert len(paths) == before + 1
            assert paths[-1].endswith(f"/orders-db-0/{stream}")
            await leave(person)
        assert not (tmp_path / "copied").exists()


async def test_a_port_forward_says_them_too_and_keeps_them_in_the_list(sit: Sit, streams_sim: SimProcess) -> None:
    async with sit() as person:
        for cluster, (cause, cure) in SAID.items():
            before = len(opened(streams_sim))
            await person.list(f"pods @{cluster} -n web /orders-db", "orders-db-0")
            for tried in range(1 + (cluster in SEEN)):
                await person.press("F")
                await person.faces("listens on this machine")
                await person.press("ctrl+u")
                await person.type("0:5432")
                await person.press("enter")
                if cluster in SEEN:
                    await says(person, "It would be refused:", *SEEN[cluster])
                    await person.press("enter" if tried else "escape")
                if cluster in SEEN and not tried:
                    await person.until(lambda: not person.front(), "the way back")
                    assert len(opened(streams_sim)) == before, "it was opened all the same"
            await says(person, "it was refused", cause, cure)
            paths = opened(streams_sim)
            assert len(paths) == before + 1
            assert paths[-1].endswith("/orders-db-0/portforward")
            await leave(person)
        await person.press("f")
        await person.sees(*(f"{cluster} " for cluster in SAID), "× ended")
        await person.press("end", "d")
        await says(person, *SAID["plant-2"])
