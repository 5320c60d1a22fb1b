"""Watches: what comes first, what follows, when it ends."""

import asyncio
from typing import Any

import pytest

from tests.sim.kube.conftest import MAPS, TABLE, Api
from tui.sim.kube.kinds import BUILTIN, builtin

CONFIG_MAPS = builtin("", "configmaps")


def make(api: Api, name: str, namespace: str = "default", **metadata: Any) -> Any:
    named = {"name": name, "namespace": namespace, **metadata}
    return api.cluster.store.create(CONFIG_MAPS, {"metadata": named, "data": {}})


def change(api: Api, name: str, **metadata: Any) -> Any:
    named = {"name": name, "namespace": "default", **metadata}
    return api.cluster.store.update(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named})


def drop(api: Api, name: str) -> Any:
    return api.cluster.store.remove(CONFIG_MAPS, "default", name)


@pytest.mark.parametrize("version", ["", "resourceVersion=0"])
async def test_without_a_version_what_is_there_comes_first(api: Api, version: str):
    make(api, "a")
    async with api.watch(f"{MAPS}?{version}") as watch:
        assert await watch.take(2) == [("ADDED", "a"), ("ADDED", "kube-root-ca.crt")]
        make(api, "b")
        assert await watch.take(1) == [("ADDED", "b")]


async def test_from_a_version_come_exactly_the_changes_after_it(api: Api):
    make(api, "a")
    since = api.cluster.store.version
    make(api, "b")
    change(api, "a", labels={"x": "y"})
    drop(api, "a")
    make(api, "elsewhere", "kube-system")
    async with api.watch(f"{MAPS}?resourceVersion={since}") as watch:
        events = [await watch.next() for _ in range(3)]
        assert [(event["type"], event["object"]["metadata"]["name"]) for event in events] == [
            ("ADDED", "b"),
            ("MODIFIED", "a"),
            ("DELETED", "a"),
        ]
        versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
        assert versions == [since + 1, since + 2, since + 3]
        make(api, "c")
        assert await watch.take(1) == [("ADDED", "c")]


async def test_an_object_comes_and_goes_with_its_labels(api: Api):
    make(api, "a")
    async with api.watch(f"{MAPS}?labelSelector=app%3Dx&resourceVersion={api.cluster.store.version}") as watch:
        change(api, "a", labels={"app": "x"})
        change(api, "a", labels={"app": "x", "b": "c"})
        left = change(api, "a", labels={})
        change(api, "a", labels={"still": "out"})
        make(api, "b", labels={"app": "x"})
        drop(api, "b")
        events = [await watch.next() for _ in range(5)]
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"]
    gone = events[2]["object"]["metadata"]
    assert gone["labels"] == {"app": "x", "b": "c"}, "the last state that was chosen"
    assert gone["resourceVersion"] == left["metadata"]["resourceVersion"], "at the version at which it ceased to be"


async def test_a_field_selector_follows_one_object(api: Api):
    async with api.watch(f"{MAPS}?fieldSelector=metadata.name%3Db&resourceVersion=0") as watch:
        make(api, "a")
        make(api, "b")
        assert await watch.take(1) == [("ADDED", "b")]


async def test_initial_events_end_with_a_marked_bookmark(api: Api):
    make(api, "a")
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with api.watch(f"{MAPS}?{query}") as watch:
        assert await watch.take(2) == [("ADDED", "a"), ("ADDED", "kube-root-ca.crt")]
        end = await watch.next()
        assert end["type"] == "BOOKMARK"
        assert end["object"] == {
            "kind": "ConfigMap",
            "apiVersion": "v1",
            "metadata": {
                "resourceVersion": str(api.cluster.store.version),
                "annotations": {"k8s.io/initial-events-end": "true"},
            },
        }
        make(api, "b")
        assert await watch.take(1) == [("ADDED", "b")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
        ("sendInitialEvents=true&resourceVersionMatch=Exact", 'Unsupported value: "Exact"'),
        ("resourceVersionMatch=NotOlderThan", "forbidden for watch unless sendInitialEvents is provided"),
    ],
)
async def test_options_of_a_watch_are_checked(api: Api, query: str, said: str):
    answer = await api.get(f"{MAPS}?watch=true&{query}")
    assert answer.status == 422
    assert said in answer.message


async def test_a_version_that_is_gone_is_an_error_event(api: Api):
    make(api, "a")
    api.cluster.store.compact()
    async with api.watch(f"{MAPS}?resourceVersion=1") as watch:
        assert watch.response.status == 200
        (event,) = await watch.rest()
    assert event["type"] == "ERROR"
    assert event["object"]["code"] == 410
    assert event["object"]["message"] == f"too old resource version: 1 ({api.cluster.store.version})"


async def test_a_watch_ends_after_its_timeout_with_a_bookmark_before(api: Api):
    query = f"resourceVersion={api.cluster.store.version}&timeoutSeconds=1&allowWatchBookmarks=true"
    async with api.watch(f"{MAPS}?{query}") as watch:
        make(api, "elsewhere", "kube-system")
        events = await watch.rest()
    assert [event["type"] for event in events] == ["BOOKMARK"]
    assert events[0]["object"]["metadata"]["resourceVersion"] == str(api.cluster.store.version)


async def test_without_being_asked_for_no_bookmark_comes(api: Api):
    async with api.watch(f"{MAPS}?resourceVersion={api.cluster.store.version}&timeoutSeconds=1") as watch:
        assert await watch.rest() == []


async def test_only_the_first_table_carries_its_columns(api: Api):
    make(api, "a")
    async with api.watch(MAPS, accept=TABLE) as watch:
        events = [await watch.next() for _ in range(2)]
        make(api, "b")
        events.append(await watch.next())
    assert [event["object"]["kind"] for event in events] == ["Table"] * 3
    assert [bool(event["object"]["columnDefinitions"]) for event in events] == [True, False, False]
    assert [event["object"]["rows"][0]["cells"][0] for event in events] == ["a", "kube-root-ca.crt", "b"]


@pytest.mark.parametrize("kind", [kind for kind in BUILTIN if "watch" in kind.verbs], ids=lambda kind: kind.plural)
async def test_a_bookmark_of_any_kind_can_be_a_table(api: Api, kind: Any):
    prefix = f"/apis/{kind.group}" if kind.group else "/api"
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with api.watch(f"{prefix}/{kind.version}/{kind.plural}?{query}", accept=TABLE) as watch:
        while (event := await watch.next())["type"] != "BOOKMARK":
            pass
    assert event["object"]["rows"][0]["object"]["metadata"]["resourceVersion"] == str(api.cluster.store.version)


async def test_the_end_of_the_server_ends_every_watch_politely(api: Api):
    async with api.watch(MAPS) as one, api.watch(f"{MAPS}?resourceVersion={api.cluster.store.version}") as other:
        await one.take(1)
        api.cluster.close_watches()
        assert await one.rest() == []
        assert await other.rest() == []
    async with api.watch(MAPS) as again:
        assert await again.take(1) == [("ADDED", "kube-root-ca.crt")]


async def test_a_watcher_who_leaves_is_forgotten(api: Api):
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with api.watch(MAPS) as watch:
            await watch.take(1)
            watch.response.close()
    for _ in range(500):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) <= before


async def test_kinds_that_cannot_be_watched_refuse(api: Api):
    answer = await api.get("/apis/metrics.k8s.io/v1beta1/pods?watch=true")
    assert (answer.status, answer.body["reason"]) == (405, "MethodNotAllowed")


async def test_a_hundred_watchers_are_all_told_everything(api: Api):
    count, changes = 100, 50
    since = api.cluster.store.version

    async def follow() -> list[tuple[str, str]]:
        async with api.watch(f"{MAPS}?resourceVersion={since}") as watch:
            return await watch.take(changes)

    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(follow()) for _ in range(count)]
        for index in range(changes):
            make(api, f"m{index:02}")
            await asyncio.sleep(0)
    expected = [("ADDED", f"m{index:02}") for index in range(changes)]
    assert all(watcher.result() == expected for watcher in watchers)
