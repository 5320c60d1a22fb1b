"""Answers that end too soon are told in plain words, which name no status that no server sent."""

from __future__ import annotations

import pytest

from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.failures import problem_from_exception


@pytest.mark.parametrize("end", ["reset", "close"])
async def test_an_answer_cut_off_in_the_middle(end: str) -> None:
    import aiohttp

    async with ScriptedServer() as server, aiohttp.ClientSession() as session:
        server.on("/cut", Reply(200, chunks=(b"some of it",), end=end))
        with pytest.raises(aiohttp.ClientError) as caught:
            async with session.get(f"{server.url}/cut") as answer:
                await answer.read()
    problem = problem_from_exception(caught.value, target="x")
    assert "400" not in f"{problem!r}", problem
    assert "Transfer" not in f"{problem!r}", problem
