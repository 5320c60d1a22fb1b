"""Whole objects printed as they come: what a server forgets, refuses or keeps back in the middle of a list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.kubernetes_server import status
from tests.clients.scripted import HANG, Asked, Reply, ScriptedServer
from tests.main_job.test_command_manners import interruptible
from tests.main_job.test_follow import kubeconfig, ran
from tui.cli.main import INTERRUPTED
from tui.cli.session import PARTIAL

PODS = "/api/v1/namespaces/default/pods"
EXPIRED = "The provided continue parameter is too old to display a consistent list result."
FORMS: dict[str, Callable[[str], Any]] = {"json": json.loads, "yaml": yaml.safe_load}


def page(*names: str, more: str = "") -> Reply:
    items = [{"metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}"}} for name in names]
    return Reply(200, {"kind": "PodList", "metadata": {"continue": more}, "items": items})


def expired(token: str = "") -> Reply:
    return Reply(410, status(410, "Expired", EXPIRED, metadata={"continue": token} if token else {}))


def scripted(server: ScriptedServer, *pages: Reply) -> None:
    server.on(PODS, *pages)
    server.on("/api/v1/namespaces/default/events", Reply(200, {"kind": "EventList", "items": []}))


def names(listed: Any) -> list[str]:
    return [item["metadata"]["name"] for item in listed["items"]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "further", [(expired("now"), page("b")), (expired(), page("a", more="t2"), page("b"))], ids=["token", "anew"]
)
async def test_a_list_that_expires_in_the_middle_is_whole(tmp_path: Path, form: str, further: tuple[Reply]) -> None:
    async with ScriptedServer() as server:
        scripted(server, page("a", more="t1"), *further)
        done = await ran(kubeconfig(tmp_path, server.url), "get", "pods", "-o", form)
    assert done.returncode == 0, done.stderr
    assert names(FORMS[form](done.stdout)) == ["a", "b"]


async def test_so_are_its_descriptions(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        scripted(server, page("a", more="t1"), expired("now"), page("b"))
        done = await ran(kubeconfig(tmp_path, server.url), "describe", "pods")
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("name ")] == ["a", "b"]


@pytest.mark.parametrize("form", FORMS)
async def test_what_fails_in_the_middle_ends_in_a_whole_document_and_is_said(tmp_path: Path, form: str) -> None:
    async with ScriptedServer() as server:
        scripted(server, page("a", "b", more="t1"), Reply(500, status(500, "InternalError", "etcd has no leader")))
        done = await ran(kubeconfig(tmp_path, server.url), "get", "pods", "-o", form)
    assert done.returncode == PARTIAL
    assert names(FORMS[form](done.stdout)) == ["a", "b"]
    assert "c1: pods: ended after 2 objects: " in done.stderr
    assert "etcd has no leader" in done.stderr


async def test_what_fails_at_once_is_no_document(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        scripted(server, Reply(500, status(500, "InternalError", "etcd has no leader")))
        done = await ran(kubeconfig(tmp_path, server.url), "get", "pods", "-o", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "etcd has no leader" in done.stderr


@pytest.mark.parametrize("command", [("get", "pods", "-o", "json"), ("describe", "pods")], ids=["get", "describe"])
async def test_objects_are_written_as_they_come(tmp_path: Path, command: tuple[str, ...]) -> None:
    def answer(asked: Asked) -> Reply:
        return HANG if asked.query.get("continue") else page("first", more="t1")

    def read(environ: dict[str, str]) -> tuple[str, int]:
        with interruptible(*command, environ=environ) as process:
            assert process.stdout is not None
            begun = ""
            while "first" not in begun:  # no end without it, since the server says nothing more
                line = process.stdout.readline()
                assert line
                begun += line
            process.send_signal(2)
            process.stdout.read()
            return begun, process.wait(20)

    async with ScriptedServer() as server:
        server.on(PODS, answer)
        server.on("/api/v1/namespaces/default/events", Reply(200, {"kind": "EventList", "items": []}))
        _, code = await asyncio.to_thread(read, kubeconfig(tmp_path, server.url))
    assert code == INTERRUPTED


async def test_the_clusters_are_in_their_order_whoever_answers_first(tmp_path: Path) -> None:
    async with ScriptedServer() as one, ScriptedServer() as two, ScriptedServer() as three:
        scripted(one, page("a", more="t1"), page("b"))
        scripted(two, Reply(403, status(403, "Forbidden", 'pods is forbidden: User "ana" cannot list')))
        scripted(three, page())
        environ = kubeconfig(tmp_path, one.url, two.url, three.url)
        done = await ran(environ, "get", "pods", "-o", "json", "--all-clusters")
    assert done.returncode == PARTIAL
    items = json.loads(done.stdout)["items"]
    assert [(item["cluster"], item["metadata"]["name"]) for item in items] == [("c1", "a"), ("c1", "b")]
    assert "c2: " in done.stderr


async def test_a_forbidden_cluster_is_looked_at_by_namespace_and_what_fails_there_is_named(tmp_path: Path) -> None:
    refused = Reply(403, status(403, "Forbidden", 'pods is forbidden: User "ana" cannot list'))
    spaces = {"kind": "Table", "columnDefinitions": [{"name": "Name"}]} | {
        "rows": [{"cells": [name], "object": {"metadata": {"name": name}}} for name in ("default", "locked", "shop")]
    }
    async with ScriptedServer() as server:
        scripted(server, page("a", more="t1"), page("b"))
        server.on("/api/v1/pods", refused)
        server.on("/api/v1/namespaces", Reply(200, spaces))
        server.on("/api/v1/namespaces/locked/pods", refused)
        server.on("/api/v1/namespaces/shop/pods", page("c"))
        done = await ran(kubeconfig(tmp_path, server.url), "get", "pods", "-A", "-o", "json")
    assert done.returncode == PARTIAL, done.stderr
    assert sorted(names(json.loads(done.stdout))) == ["a", "b", "c"]
    assert "1 of 3 namespaces not seen: locked" in done.stderr


async def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    def read(environ: dict[str, str]) -> tuple[int, str]:
        with interruptible("get", "pods", "-o", "json", environ=environ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(100)
            process.stdout.close()
            said = process.stderr.read()
            process.stdout = None
            return process.wait(20), said

    async with ScriptedServer() as server:
        endless = iter(range(1_000_000))
        server.on(PODS, lambda asked: page(*(f"p{next(endless)}-{'x' * 500}" for _ in range(50)), more="more"))
        code, said = await asyncio.to_thread(read, kubeconfig(tmp_path, server.url))
    assert code == 0
    assert "Error" not in said


async def test_where_no_namespace_can_be_told_it_is_a_failure_like_others(tmp_path: Path) -> None:
    refused = Reply(403, status(403, "Forbidden", 'pods is forbidden: User "ana" cannot list'))
    async with ScriptedServer() as server, ScriptedServer() as other:
        server.on("/api/v1/pods", refused)
        server.on("/api/v1/namespaces", Reply(500, status(500, "InternalError", "etcd has no leader")))
        other.on("/api/v1/pods", page("a"))
        environ = kubeconfig(tmp_path, server.url, other.url)
        done = await ran(environ, "get", "pods", "-A", "-o", "json", "--all-clusters")
    assert done.returncode == PARTIAL, done.stderr
    assert names(json.loads(done.stdout)) == ["a"]
    assert "c1: " in done.stderr
    assert "etcd has no leader" in done.stderr
