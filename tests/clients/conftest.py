"""What every client test stands on: a scripted server on loopback, TLS from a throw-away CA, one HTTP stack."""

from __future__ import annotations

import functools
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from tests.clients.kubeconfigs import tls_cluster
from tests.clients.scripted import ScriptedServer
from tui.clients import tls
from tui.clients.http import Http

_build_context = tls.build_context


@functools.cache
def _system_context() -> ssl.SSLContext:
    return _build_context(tls.SYSTEM_TRUST)


@pytest.fixture(autouse=True)
def system_trust_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the system's CA bundle costs some 20 ms; the hundreds of short-lived stacks here may share it."""

    def build(spec: tls.TlsSpec, extra_cas: tuple[Path, ...] = ()) -> ssl.SSLContext:
        return _system_context() if spec == tls.SYSTEM_TRUST and not extra_cas else _build_context(spec, extra_cas)

    monkeypatch.setattr(tls, "build_context", build)


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


@pytest.fixture
async def cluster(authority: trustme.CA) -> AsyncIterator[ScriptedServer]:
    """A TLS server that asks for a client certificate and does without; it knows its version."""
    async with tls_cluster(authority) as server:
        yield server
