"""The store's promises: versions, history, snapshots, finalizers, and order of delivery."""

import asyncio
import random

import pytest

from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.objects import metadata_of, name_of, resource_version, with_metadata
from tui.sim.kube.pages import PAGED_FOR
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store

REGISTRY = Registry()


def kind_of(group: str, version: str, plural: str) -> Kind:
    kind = REGISTRY.resource(group, version, plural)
    assert kind is not None
    return kind


PODS = kind_of("", "v1", "pods")
CONFIG_MAPS = kind_of("", "v1", "configmaps")
DEPLOYMENTS = kind_of("apps", "v1", "deployments")


class Time:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(time: Time) -> Store:
    return Store(time, random.Random(1), history=10)


def config_map(name: str, namespace: str = "default", **data: str) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def deployment(name: str, replicas: int = 1) -> Obj:
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"replicas": replicas}}


def test_create_fills_what_the_server_fills(store: Store):
    made = store.create(DEPLOYMENTS, deployment("a"))
    assert made["kind"] == "Deployment"
    assert made["apiVersion"] == "apps/v1"
    assert list(made["metadata"]) == ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"]
    assert made["metadata"]["generation"] == 1
    assert made["metadata"]["creationTimestamp"] == "2023-11-14T22:13:20Z"
    assert "generation" not in store.create(CONFIG_MAPS, config_map("a"))["metadata"]


def test_generate_name_makes_distinct_names_of_the_servers_alphabet(store: Store):
    names = {
        name_of(store.create(PODS, {"metadata": {"generateName": "web-", "namespace": "default"}})) for _ in range(50)
    }
    assert len(names) == 50
    assert all(name.startswith("web-") and len(name) == 9 for name in names)
    assert not set("".join(names).removeprefix("web-")) & set("aou013")


def test_the_same_seed_gives_the_same_uids(time: Time):
    first, second = (Store(time, random.Random(7)).create(CONFIG_MAPS, config_map("a")) for _ in range(2))
    assert first["metadata"]["uid"] == second["metadata"]["uid"]


def test_a_taken_name_is_refused_as_recorded(store: Store):
    store.create(CONFIG_MAPS, config_map("cfg"))
    with pytest.raises(ApiError) as refused:
        store.create(CONFIG_MAPS, config_map("cfg"))
    assert refused.value.code == 409
    assert refused.value.message == 'configmaps "cfg" already exists'


def test_one_counter_serves_all_kinds(store: Store):
    versions = [
        int(resource_version(store.create(CONFIG_MAPS, config_map("a")))),
        int(resource_version(store.create(DEPLOYMENTS, deployment("a")))),
        int(resource_version(store.update(CONFIG_MAPS, config_map("a", x="1")))),
    ]
    assert versions == sorted(set(versions))
    assert store.version == versions[-1]


def test_a_write_that_changes_nothing_keeps_the_version(store: Store):
    made = store.create(CONFIG_MAPS, config_map("a", x="1"))
    seen: list[str] = []
    store.subscribe(lambda record: seen.append(record.change))
    assert store.update(CONFIG_MAPS, config_map("a", x="1")) is made
    assert seen == []


def test_generation_rises_with_the_spec_and_not_with_status_or_labels(store: Store):
    made = store.create(DEPLOYMENTS, deployment("a"))

    def generation(obj: Obj) -> int:
        return store.update(DEPLOYMENTS, obj)["metadata"]["generation"]

    assert generation({**made, "status": {"replicas": 1}}) == 1
    assert generation(with_metadata(made, {"labels": {"a": "b"}})) == 1
    assert generation({**made, "spec": {"replicas": 2}}) == 2
    current = store.get(DEPLOYMENTS, "default", "a")
    assert current is not None
    assert generation(with_metadata(current, {"annotations": {"a": "b"}})) == 3


def test_a_status_write_takes_nothing_else(store: Store):
    made = store.create(DEPLOYMENTS, deployment("a", replicas=3))
    wanted = {**made, "spec": {"replicas": 9}, "status": {"replicas": 3}}
    after = store.update(DEPLOYMENTS, wanted, status_only=True)
    assert after["spec"] == {"replicas": 3}
    assert after["status"] == {"replicas": 3}


def test_an_outdated_write_is_refused_as_recorded(store: Store):
    store.create(CONFIG_MAPS, config_map("cfg"))
    with pytest.raises(ApiError) as refused:
        store.update(CONFIG_MAPS, config_map("cfg", a="2"), expect_version="1")
    assert refused.value.message == (
        'Operation cannot be fulfilled on configmaps "cfg": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_identity_cannot_be_overwritten(store: Store):
    made = store.create(CONFIG_MAPS, config_map("a"))
    forged = with_metadata(made, {"uid": "x", "creationTimestamp": "2000-01-01T00:00:00Z", "labels": {"a": "b"}})
    after = metadata_of(store.update(CONFIG_MAPS, forged))
    assert after["uid"] == made["metadata"]["uid"]
    assert after["creationTimestamp"] == made["metadata"]["creationTimestamp"]


def test_lists_are_in_etcd_key_order_and_by_namespace(store: Store):
    for namespace in ("a", "a-b", "b"):
        for name in ("z", "y"):
            store.create(CONFIG_MAPS, config_map(name, namespace))
    keys = [f"{o['metadata']['namespace']}/{o['metadata']['name']}" for o in store.list(CONFIG_MAPS)]
    assert keys == ["a-b/y", "a-b/z", "a/y", "a/z", "b/y", "b/z"]
    assert [name_of(o) for o in store.list(CONFIG_MAPS, "a")] == ["y", "z"]


def test_removal_has_a_version_of_its_own(store: Store):
    made = store.create(CONFIG_MAPS, config_map("a"))
    gone = store.remove(CONFIG_MAPS, "default", "a")
    assert int(resource_version(gone)) > int(resource_version(made))
    assert store.get(CONFIG_MAPS, "default", "a") is None
    with pytest.raises(ApiError, match='configmaps "a" not found'):
        store.remove(CONFIG_MAPS, "default", "a")


def test_the_last_finalizer_takes_a_deleted_object_with_it(store: Store):
    made = store.create(CONFIG_MAPS, with_metadata(config_map("a"), {"finalizers": ["x/y"]}))
    marks = {"deletionTimestamp": "2023-11-14T22:13:20Z", "deletionGracePeriodSeconds": 0}
    waiting = store.update(CONFIG_MAPS, with_metadata(made, marks))
    assert store.get(CONFIG_MAPS, "default", "a") == waiting
    changes: list[str] = []
    store.subscribe(lambda record: changes.append(record.change))
    store.update(CONFIG_MAPS, with_metadata(waiting, {"finalizers": None}))
    assert store.get(CONFIG_MAPS, "default", "a") is None
    assert changes == ["DELETED"]


def test_a_stale_write_cannot_take_back_a_deletion(store: Store):
    made = store.create(CONFIG_MAPS, with_metadata(config_map("a"), {"finalizers": ["x/y"]}))
    marks = {"deletionTimestamp": "2023-11-14T22:13:20Z", "deletionGracePeriodSeconds": 0}
    store.update(CONFIG_MAPS, with_metadata(made, marks))
    after = store.update(CONFIG_MAPS, with_metadata(made, {"labels": {"a": "b"}}))
    assert after["metadata"]["deletionTimestamp"] == marks["deletionTimestamp"]


def test_subscribers_see_nested_writes_in_order_of_version(store: Store):
    seen: list[int] = []

    def react(record: object) -> None:
        if store.get(CONFIG_MAPS, "default", "b") is None:
            store.create(CONFIG_MAPS, config_map("b"))

    store.subscribe(react)
    store.subscribe(lambda record: seen.append(record.version))
    store.create(CONFIG_MAPS, config_map("a"))
    assert seen == [2, 3]


def test_a_subscription_can_be_ended(store: Store):
    seen: list[int] = []
    stop = store.subscribe(lambda record: seen.append(record.version))
    stop()
    stop()
    store.create(CONFIG_MAPS, config_map("a"))
    assert seen == []


def test_a_cursor_reads_exactly_what_came_after_its_version(store: Store):
    store.create(CONFIG_MAPS, config_map("a"))
    since = store.version
    store.create(DEPLOYMENTS, deployment("other-kind"))
    store.create(CONFIG_MAPS, config_map("b"))
    store.remove(CONFIG_MAPS, "default", "a")
    cursor = store.watch(CONFIG_MAPS, since)
    assert [(r.change, name_of(r.obj)) for r in cursor.take()] == [("ADDED", "b"), ("DELETED", "a")]
    assert cursor.take() == []


def test_a_compacted_version_is_too_old_to_watch_from(store: Store):
    store.create(CONFIG_MAPS, config_map("a"))
    store.compact()
    store.watch(CONFIG_MAPS, store.version)
    with pytest.raises(ApiError) as refused:
        store.watch(CONFIG_MAPS, 1)
    assert refused.value.status() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f"too old resource version: 1 ({store.version})",
        "reason": "Expired",
        "code": 410,
    }


def test_a_watcher_that_falls_behind_a_bounded_history_is_told_so(store: Store):
    cursor = store.watch(CONFIG_MAPS, store.version)
    store.create(CONFIG_MAPS, config_map("seen"))
    cursor.take()
    seen = store.version
    for index in range(30):
        store.create(CONFIG_MAPS, config_map(f"c{index}"))
    with pytest.raises(ApiError, match=rf"too old resource version: {seen} \(\d+\)"):
        cursor.take()


async def test_a_waiting_cursor_is_woken_by_the_next_change(store: Store):
    cursor = store.watch(CONFIG_MAPS, store.version)
    waiting = asyncio.create_task(cursor.wait(60))
    await asyncio.sleep(0)
    store.create(DEPLOYMENTS, deployment("other-kind"))
    await asyncio.sleep(0)
    assert not waiting.done()
    store.create(CONFIG_MAPS, config_map("a"))
    await asyncio.wait_for(waiting, 1)
    assert [name_of(record.obj) for record in cursor.take()] == ["a"]


async def test_a_cursor_is_woken_by_a_change_and_by_the_end_of_watches(store: Store):
    cursor = store.watch(CONFIG_MAPS, store.version)
    store.create(CONFIG_MAPS, config_map("a"))
    assert len(cursor.take()) == 1
    await cursor.wait(0)  # nothing new: returns by its time limit
    assert not cursor.closed
    store.close_watches()
    await cursor.wait(60)
    assert cursor.closed


def test_pages_come_from_one_moment_until_it_is_forgotten(store: Store, time: Time):
    store.create(CONFIG_MAPS, config_map("a"))
    first = store.snapshot(CONFIG_MAPS)
    store.pages.keep(CONFIG_MAPS.storage, first)
    store.create(CONFIG_MAPS, config_map("b"))
    kept = store.pages.get(CONFIG_MAPS.storage, first.version)
    assert kept is not None
    assert kept.keys == ("default/a",)
    time.now += PAGED_FOR + 1
    assert store.pages.get(CONFIG_MAPS.storage, first.version) is None


def test_compaction_ends_paged_lists(store: Store):
    store.create(CONFIG_MAPS, config_map("a"))
    first = store.snapshot(CONFIG_MAPS)
    store.pages.keep(CONFIG_MAPS.storage, first)
    store.create(CONFIG_MAPS, config_map("b"))
    store.compact()
    assert store.pages.get(CONFIG_MAPS.storage, first.version) is None


def test_fifty_thousand_objects_are_listed_without_being_copied(store: Store):
    for index in range(50_000):
        store.create(PODS, {"metadata": {"name": f"p{index:05}", "namespace": f"ns{index % 40}"}})
    snapshot = store.snapshot(PODS)
    assert len(snapshot.objects) == 50_000
    assert snapshot.objects[0] is store.list(PODS)[0]
    assert store.snapshot(PODS).objects is snapshot.objects
