"""What the Kubernetes client tests share: a client of the scripted server, and bodies as an API server writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.scripted import Asked, Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import Access, Authoriser, FixedAccess, KubeEndpoint, bearer
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef, RowEvent, TablePage

REF = ClusterRef("context:test", "test", Via.CONTEXT)
SECRETS = KindRef("", "v1", "secrets", "Secret")
LIST = "/api/v1/pods"
COLUMNS = [{"name": "Name", "type": "string", "format": "name", "priority": 0}]


def client(http: Http, server: ScriptedServer, auth: Authoriser | None = None) -> KubeClient:
    auth = auth or FixedAccess(bearer("t0ken"), "ana@example.com")
    return KubeClient(http, KubeEndpoint(server.url, auth), REF)


def status(code: int, reason: str, message: str, **more: Any) -> dict[str, Any]:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return body | {"code": code, **more}


def table(*names: str, version: str = "10", more: str = "", remaining: int | None = None) -> dict[str, Any]:
    meta: dict[str, Any] = {"resourceVersion": version}
    if more:
        meta |= {"continue": more, "remainingItemCount": remaining}
    rows = [{"cells": [name], "object": {"metadata": {"name": name, "namespace": "default"}}} for name in names]
    return {"kind": "Table", "metadata": meta, "columnDefinitions": COLUMNS, "rows": rows}


def event(kind: str, name: str, version: str) -> bytes:
    held: dict[str, Any] = table(name, version=version) | {"columnDefinitions": None}
    held["rows"][0]["object"]["metadata"]["resourceVersion"] = version
    return json.dumps({"type": kind, "object": held}).encode() + b"\n"


async def pages(kube: KubeClient, **options: Any) -> list[TablePage]:
    return [page async for page in kube.list_pages(PODS, **options)]


async def watched(kube: KubeClient, into: list[RowEvent], **options: Any) -> None:
    async for batch in kube.watch(PODS, **options):
        into += batch


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


class Renewable:
    """Tokens from a list; a refused one is followed by the next."""

    account = "ana@example.com"
    remedy = "sign in again"

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def access(self) -> Access:
        return bearer(self.tokens[0])

    def refused(self, access: Access) -> bool:
        if access == bearer(self.tokens[0]) and len(self.tokens) > 1:
            self.tokens.pop(0)
        return True


def only(token: str, good: Reply) -> Any:
    def answer(asked: Asked) -> Reply:
        authorised = asked.headers.get("authorization") == f"Bearer {token}"
        return good if authorised else Reply(401, status(401, "Unauthorized", "Unauthorized"))

    return answer
