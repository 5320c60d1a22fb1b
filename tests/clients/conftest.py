"""What every client test stands on: a scripted server on loopback, TLS from a throw-away CA, one HTTP stack."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from tests.clients.scripted import ScriptedServer
from tui.clients.http import Http


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def tls_server(authority: trustme.CA) -> AsyncIterator[ScriptedServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    async with ScriptedServer(context) as scripted:
        yield scripted


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    stack = Http({})
    yield stack
    await stack.close()
