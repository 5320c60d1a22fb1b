"""Lists of people who may not see the whole cluster: the namespaces that answer, and who is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.data.fakekube import DEPLOYMENTS, FakeKube, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tests.data.helpers import Reader
from tui.clock import ManualClock
from tui.data.hub import Hub
from tui.data.namespaces import NAMESPACES
from tui.data.remembered import load_namespaces
from tui.data.settings import HubSettings
from tui.errors import ProblemKind
from tui.model.feed import FeedState
from tui.model.kube import OTHER_NAMESPACES, PODS, ResourceQuery
from tui.model.rules import Rule, Rules

ONE = ref_of("context:one", "one")
LISTING = Rule(("list",), ("",), ("pods",))


@pytest.fixture
def world(clock: ManualClock) -> World:
    """One cluster, with a pod in each of eight teams' namespaces; only two of them may be read."""
    made = World(clock)
    kube = made.kube(ONE.key)
    kube.kinds = (PODS, DEPLOYMENTS)  # the lists that are counted are not those of metrics
    for number in range(8):
        kube.put(NAMESPACES, "", f"team-{number}")
        kube.pod(f"app-{number}", namespace=f"team-{number}")
    kube.only = frozenset({"team-1", "team-2"})
    return made


@asynccontextmanager
async def listing(world: World, namespace: str = "", state: Path | None = None) -> AsyncIterator[tuple[Hub, Reader]]:
    query = ResourceQuery("po", (ONE,), namespace)
    async with running(world, HubSettings(state=state)) as hub, followed(hub.resources(query)) as (reader,):
        await world.clock.advance(1)
        yield hub, reader


async def until(clock: ManualClock, true: Callable[[], bool]) -> None:
    """Let threads that read and write files come to their end; time stands still meanwhile, but for a moment."""
    for _ in range(20_000):
        if true():
            return
        await clock.advance(0.000_1)
    pytest.fail("it did not come about")


def kube_of(world: World) -> FakeKube:
    return world.kube(ONE.key)


def seen(reader: Reader) -> set[str]:
    table = reader.value.parts[0].feed.value
    return {row.name for row in table.rows.values()}


def gaps(reader: Reader) -> dict[str, ProblemKind]:
    return {gap.who: gap.problem.kind for gap in reader.value.parts[0].feed.gaps}


def lists(world: World, plural: str = "pods") -> list[str]:
    return [namespace for kind, namespace in kube_of(world).listed if kind == plural]


async def test_a_forbidden_list_is_that_of_the_namespaces_that_answer(world: World, clock: ManualClock) -> None:
    async with listing(world) as (_, reader):
        part = reader.value.parts[0].feed
        assert part.state(clock.now()) is FeedState.PARTIAL
        assert seen(reader) == {"app-1", "app-2"}
        assert set(part.value.namespaces) == {"team-1", "team-2"}
        assert gaps(reader) == {f"team-{n}": ProblemKind.FORBIDDEN for n in (0, 3, 4, 5, 6, 7)}
        kube_of(world).pod("new", namespace="team-2")
        await clock.advance(1)
        assert seen(reader) == {"app-1", "app-2", "new"}


async def test_namespaces_whose_rules_say_no_are_not_asked(world: World, clock: ManualClock) -> None:
    for number in range(8):
        kube_of(world).told[f"team-{number}"] = Rules((LISTING,) if number in (1, 2) else ())
    async with listing(world) as (hub, reader):
        assert seen(reader) == {"app-1", "app-2"}
        assert sorted(lists(world)) == ["", "team-1", "team-2"]
        reviews = kube_of(world).asked["rules"]
        async with followed(hub.resources(ResourceQuery("deploy", (ONE,)))):
            await clock.advance(1)
        assert kube_of(world).asked["rules"] == reviews == 8  # one answer tells of all kinds
        assert lists(world, "deployments") == [""]


async def test_the_whole_is_asked_again_now_and_then_and_the_namespaces_let_go(
    world: World, clock: ManualClock
) -> None:
    async with listing(world) as (_, reader):
        await clock.advance(600)
        assert 2 <= lists(world).count("") <= 6
        kube_of(world).only = None
        await clock.advance(241)
        assert (len(seen(reader)), gaps(reader)) == (8, {})
        assert reader.value.parts[0].feed.value.namespaces == ()
        await clock.advance(30)
        assert len(kube_of(world).watches) == 1


async def test_who_may_not_list_namespaces_sees_those_that_are_named_to_him(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    kube.forbidden.add("namespaces")
    kube.namespace = "team-2"  # by the kubeconfig context
    kube.told["team-2"] = Rules((Rule(("get",), ("",), ("namespaces",), ("team-1",)),))  # by a rule
    async with listing(world) as (_, reader):
        assert seen(reader) == {"app-1", "app-2"}
        assert gaps(reader) == {OTHER_NAMESPACES: ProblemKind.FORBIDDEN}


async def test_a_namespace_that_was_asked_for_and_answered_is_remembered(
    world: World, clock: ManualClock, tmp_path: Path
) -> None:
    kube_of(world).forbidden.add("namespaces")
    kube_of(world).always["rules"] = problem(403)
    async with listing(world, state=tmp_path) as (_, reader):
        await until(clock, lambda: reader.last.problem is not None)  # nobody tells where to look
        assert reader.last.problem is not None
        assert reader.last.problem.kind is ProblemKind.FORBIDDEN
    async with listing(world, "team-1", tmp_path) as (hub, _):
        async with followed(hub.resources(ResourceQuery("po", (ONE,)))) as (whole,):
            await clock.advance(1)
            await until(clock, lambda: whole.last.gaps == () and whole.value.parts[0].feed.value is not None)
            assert seen(whole) == {"app-1"}
        await until(clock, lambda: bool(load_namespaces(tmp_path, ONE.key)))
    async with listing(world, "team-3", tmp_path):
        pass
    assert load_namespaces(tmp_path, ONE.key) == ["team-1"]  # one that refuses is not
    async with listing(world, state=tmp_path) as (_, reader):
        await until(clock, lambda: reader.value is not None and reader.value.parts[0].feed.value is not None)
        assert seen(reader) == {"app-1"}


async def test_several_namespaces_are_asked_for_by_name(world: World, clock: ManualClock) -> None:
    async with listing(world, "team-1,team-2,team-3") as (_, reader):
        assert seen(reader) == {"app-1", "app-2"}
        assert gaps(reader) == {"team-3": ProblemKind.FORBIDDEN}
        assert "" not in lists(world)


async def test_a_namespace_that_breaks_keeps_its_rows_and_is_named(world: World, clock: ManualClock) -> None:
    async with listing(world, "team-1,team-2") as (_, reader):
        assert gaps(reader) == {}
        kube_of(world).unplug()
        await clock.advance(1)
        part = reader.value.parts[0].feed
        assert part.state(clock.now()) is FeedState.STALE
        assert seen(reader) == {"app-1", "app-2"}
        kube_of(world).plug_in()
        await clock.advance(10)
        assert reader.value.parts[0].feed.state(clock.now()) is FeedState.LIVE


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"cluster": "another", "namespaces": ["a"]}', b"\xff\xfe"])
def test_a_file_that_is_not_ours_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    from tui.data.remembered import digest
    from tui.files import write_private

    path = tmp_path / "namespaces" / f"{digest(ONE.key)}.json"
    assert write_private(path, content)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert load_namespaces(tmp_path, ONE.key) == []


def test_rules_tell_what_may_be_listed() -> None:
    rules = Rules((LISTING, Rule(("*",), ("apps",), ("*",)), Rule(("list",), ("",), ("secrets",), ("one",))))
    assert rules.may_list(PODS) is True
    assert rules.may_list(NAMESPACES) is False
    assert Rules(rules.rules, incomplete=True).may_list(NAMESPACES) is None
    assert rules.lists_anything
    assert not Rules().lists_anything
