"""What the kubeconfig tests share: documents, a TLS cluster, and a request through an endpoint."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import KubeEndpoint
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef, Via

NOW = 1_700_000_000.0
REF = ClusterRef("context:c", "c", Via.CONTEXT)


def config(server: str = "https://h", user: Any = None, cluster: Any = None, name: str = "c") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "pay"}}],
    }


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


@asynccontextmanager
async def tls_cluster(authority: trustme.CA, mode: ssl.VerifyMode = ssl.CERT_OPTIONAL) -> AsyncIterator[ScriptedServer]:
    """A TLS server that asks for a client certificate; by default it does without."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = mode
    async with ScriptedServer(context) as server:
        server.on("/version", Reply(200, {"gitVersion": "v1"}))
        yield server


def ca_data(authority: trustme.CA) -> dict[str, str]:
    return {"certificate-authority-data": base64.b64encode(authority.cert_pem.bytes()).decode()}


async def ask(http: Http, endpoint: KubeEndpoint) -> str:
    return await KubeClient(http, endpoint, REF).version()
