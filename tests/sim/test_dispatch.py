"""What no surface foresaw: a mistake of the simulator's own, and clients that leave."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

GKE = "/v1/projects/111111111111/locations/europe-west1/gkeMemberships/prod-eu"
LOG = "/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/clusters/gke-1/api/v1/pods", '"reason": "InternalError"'),
        (f"{GKE}/api/v1/pods", '"status": "INTERNAL"'),
    ],
)
async def test_a_mistake_of_the_simulator_is_answered_in_the_voice_of_who_was_asked(
    clouds: Clouds, gke: Any, caplog: pytest.LogCaptureFixture, path: str, words: str
) -> None:
    gke.asked = None  # the cluster falls over it
    async with clouds.ask(path) as response:
        assert (response.status, response.content_type) == (500, "application/json")
        said = await response.text()
    assert words in said
    assert "Traceback" not in said
    assert "an exception that nobody foresaw" in caplog.text  # whoever runs the simulator learns of it


async def test_a_client_that_leaves_in_the_middle_of_a_stream_is_no_news(
    clouds: Clouds, gke: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def lines() -> Iterator[bytes]:
        yield b"line\n"
        raise ConnectionResetError("Cannot write to closing transport")  # as a write says that the client has left

    gke.events = lines()
    async with clouds.ask(LOG) as response:
        await response.read()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("path", "server"),
    [
        ("/clusters/gke-1/api/v1/pods", None),
        (f"{GKE}/api/v1/pods", "ESF"),
        ("/v1/projects/acme-1", "ESF"),
        ("/subscriptions?api-version=2022-12-01", None),
    ],
)
async def test_nobody_names_the_software_that_plays_him(clouds: Clouds, path: str, server: str | None) -> None:
    async with clouds.ask(path) as response:
        assert response.headers.get("Server") == server
