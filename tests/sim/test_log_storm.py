"""A log that is cut, torn, ended and refused again and again can be read exactly: what befalls it is of the way, not
of the file. Read here by the plainest client there is: timestamps, the last second, and the lines seen in it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import aiohttp

from tui.sim.ca import Authority
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.server import SimServer

if TYPE_CHECKING:
    from pathlib import Path

WANTED = 100_000
BROKEN = (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


class Reader:
    """lines: in the order in which they came, each once. opened, repeated: how often it asked, and was told again."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._second = ""
        self._seen: set[str] = set()
        self.lines: list[str] = []
        self.opened = self.repeated = 0
        self.refused: list[int] = []

    async def read(self) -> None:
        """Once, until it breaks."""
        query = {"timestamps": "true", "follow": "true", **({"sinceTime": self._second + "Z"} if self._second else {})}
        self.opened += 1
        try:
            async with self._client.get(self._url, params=query, headers=self._headers) as response:
                if response.status != 200:
                    self.refused.append(response.status)
                    return
                async for line in response.content:
                    if line.endswith(b"\n"):  # a torn one will come again
                        self._take(line.decode().rstrip("\n"))
                    if len(self.lines) >= WANTED:
                        return
        except BROKEN:
            return

    def _take(self, line: str) -> None:
        second = line[:19]
        if second != self._second:
            self._second, self._seen = second, set()
        if line in self._seen:
            self.repeated += 1
            return
        self._seen.add(line)
        self.lines.append(line)


def storm(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """One misfortune. (What is sent between two of them is always more than the second that is sent again.)"""
    lines = chance.randrange(2_000, 5_000)
    return chance.choice(
        [
            ("cut-stream", {"lines": lines}),
            ("cut-stream", {"lines": lines + chance.random()}),
            ("cut-stream", {"bytes": lines * 100}),
            ("end-stream", {"lines": lines}),
            ("end-stream", {"lines": lines + chance.random()}),
            ("answer", {"status": chance.choice([410, 429, 500, 503])}),
        ]
    )


async def test_every_line_once_and_in_order_whatever_befalls_the_way(tmp_path: Path) -> None:
    chance = random.Random(7)
    async with SimServer.start("streams", state_dir=tmp_path) as sim:
        pod = next(
            one["metadata"]["name"]
            for one in sim.world.clusters["shop-eu"].store.list(PODS, "lab")
            if one["metadata"]["name"].startswith("counter-")
        )
        url = f"{sim.base_url}/clusters/shop-eu/api/v1/namespaces/lab/pods/{pod}/log?container=app"
        authority = aiohttp.TCPConnector(ssl=Authority(tmp_path).client_context())
        async with aiohttp.ClientSession(connector=authority) as client:
            reader = Reader(client, url, sim.tokens["admin"])
            befell = 0
            while len(reader.lines) < WANTED:
                action, options = storm(chance)
                fault = sim.faults.add(action, {"pod": "counter-*", "container": "app"}, times=1, **options)
                await reader.read()
                befell += fault.met
                sim.faults.remove(fault)
    assert [int(line.split()[2]) for line in reader.lines] == list(range(1, WANTED + 1))
    assert befell == reader.opened
    assert reader.opened > 20
    assert reader.repeated > 0
    assert set(reader.refused) <= {410, 429, 500, 503}
