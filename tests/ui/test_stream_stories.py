"""Shells, port-forwards and the five lights, by keys; the terminal itself is told in tests/main_job/test_remote.py."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from screens import streaming
from screens.preflight import Lights
from screens.streaming import Streaming
from tests.ui import streams_world as sw
from tests.ui.handed import CUT, Handed, answered
from tests.ui.run import Story, running
from tui.data.clusters import context_ref
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.builtin import REPLICA_SETS
from tui.model.changes import Lock
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS
from tui.model.objects import ObjectRef
from tui.model.streams import ForwardEntry, ForwardState, PortPair, SocketPort, StreamPort
from tui.streams.containers import SHELL
from tui.streams.paths import Command
from tui.wire.status import Ended


async def on_a_pod(story: Story) -> None:
    await story.press("3")


async def test_a_shell_wants_writing_unlocked() -> None:
    async with running(sw.hub(unlocked=False)) as story:
        await on_a_pod(story)
        await story.press("s")
        assert "unlock" in story.text().lower()


async def test_of_several_containers_one_is_chosen_first() -> None:
    async with running(sw.hub("api", "proxy")) as story:
        await on_a_pod(story)
        await story.press("s")
        text = story.text()
        assert "api" in text
        assert "proxy" in text
        assert "bash, else sh" in text
        await story.press("escape")
        assert "bash, else sh" not in story.text()


@pytest.mark.parametrize(
    ("typed", "argv"),
    [
        ((), SHELL),
        (("right",), ("bash",)),
        (("right", "right"), ("sh",)),
        (("tab", " psql -c 'select 1'"), ("psql", "-c", "select 1")),
    ],
    ids=["either", "bash", "sh", "command"],
)
@pytest.mark.parametrize("by", ["key", "menu"])
async def test_a_shell_is_chosen_where_there_is_one_container(
    by: str, typed: tuple[str, ...], argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Command] = []

    async def terminal(self: Streaming, port: StreamPort, command: Command, target: ObjectRef, *others: object) -> bool:
        opened.append(command)
        return False

    monkeypatch.setattr(Streaming, "_terminal", terminal)
    async with running(sw.hub("api")) as story:
        await on_a_pod(story)
        if by == "menu":
            await story.press("m")
            await story.type("choose")
            await story.press("enter")
        else:
            await story.press("S")
        assert story.shows("bash, else sh", "or a command")
        assert "container  " not in story.text()
        for key in typed:
            await (story.type(key[1:]) if key.startswith(" ") else story.press(key))
        await story.press("enter", "enter")  # the five lights are all green
        assert [(one.argv, one.place.container, one.tty) for one in opened] == [(argv, "api", True)]


async def test_s_opens_the_usual_shell_of_the_only_container_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Command] = []

    async def terminal(self: Streaming, port: StreamPort, command: Command, target: ObjectRef, *others: object) -> bool:
        opened.append(command)
        return False

    monkeypatch.setattr(Streaming, "_terminal", terminal)
    async with running(sw.hub("api")) as story:
        await on_a_pod(story)
        await story.press("s")
        await story.settle()
        assert "or a command" not in story.text()
        assert [one.argv for one in opened] == [SHELL]


async def test_what_would_be_refused_is_said_before_it_is_opened() -> None:
    hub = sw.hub(facts=sw.FakeFacts(granted=False, create=False))
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F")
        await story.press("enter")
        text = story.text()
        assert "It would be refused" in text
        assert "gkehub.gateway.stream" in text
        assert "lacks create on pods/portforward" in text
        await story.press("escape")
        assert hub.streams.begun == []


GATEWAY_CONTEXT, DIRECT_CONTEXT = context_ref("laptop", "acme-1"), context_ref("laptop")


@pytest.mark.parametrize("cluster", [GATEWAY_CONTEXT, DIRECT_CONTEXT], ids=["by the gateway", "directly"])
async def test_a_context_that_leads_to_the_gateway_has_lights(cluster: ClusterRef) -> None:
    async with running(sw.hub("api", facts=sw.FakeFacts(granted=False))) as story:
        story.overview.streaming.begin("attach", ObjectRef(cluster, PODS, "payments", "api-7c9d-x2f1p"))
        await story.settle()
        assert story.shows("It would be refused", "gkehub.gateway.stream") is cluster.limited
        await story.press("escape")


@pytest.mark.parametrize(
    ("cluster", "words"),
    [(GATEWAY_CONTEXT, "cut after 22m: the gateway ends every stream after"), (DIRECT_CONTEXT, "dropped after 22m: ")],
    ids=["by the gateway", "directly"],
)
async def test_a_session_by_a_context_that_leads_to_the_gateway_is_cut_by_its_limit(
    cluster: ClusterRef, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = sw.hub("api")

    async def in_terminal(port: SocketPort, *arguments: object, **options: object) -> Ended:
        async with port.socket("", (), ()):
            await hub.clock.advance(22 * 60)
            raise SourceError(CUT)

    Handed(monkeypatch)
    monkeypatch.setattr(streaming, "in_terminal", in_terminal)
    async with running(hub) as story:
        hub.changes.lock.put(Lock(hub.clock.now() + 3600), hub.clock.now())
        story.overview.streaming.begin("shell", ObjectRef(cluster, PODS, "payments", "api-7c9d-x2f1p"))
        await story.settle()
        assert story.shows(words)
        await answered(story, "escape")


async def test_lights_that_are_being_left_are_not_painted() -> None:
    async with running(sw.hub(facts=sw.FakeFacts(granted=False))) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        lights = story.app.screen
        assert isinstance(lights, Lights)
        await lights.query_one("#text").remove()  # as it goes before the frame around it
        lights.on_resize()
        await story.settle()
        await story.press("escape")
        assert story.app.screen is story.overview


async def test_it_can_be_tried_all_the_same() -> None:
    hub = sw.hub(facts=sw.FakeFacts(granted=False))
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter", "enter")
        assert len(hub.streams.begun) == 1


async def test_a_port_forward_is_asked_for_and_begun() -> None:
    hub = sw.hub()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F")
        assert "8080:8080" in story.text()
        assert "8080 http" in story.text()
        await story.press("ctrl+u")
        await story.type("0:http, 9090")
        await story.press("enter")
        ((target, pairs),) = hub.streams.begun
        assert (target.kind, target.cluster.name) == (PODS, sw.EU.name)
        assert pairs == (PortPair(0, "http"), PortPair(9090, 9090))


async def test_a_port_forward_that_is_refused_stops_nobody_who_has_gone_elsewhere() -> None:
    hub = sw.hub()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        await story.press("f")
        target, pairs = hub.streams.begun[0]
        refused = Problem(ProblemKind.FORBIDDEN, "not allowed here")
        state = ForwardState(state="ended", problem=refused)
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, state),), sw.NOW)
        await story.settle()
        assert len(story.app.screen_stack) == 2, "the list, and nothing in front of it"
        assert story.shows("port-forward to jobs/nightly-2931 in prod-eu: not", "allowed here; f says more")


async def test_a_port_forward_that_is_refused_after_it_waited_for_its_turn_is_explained() -> None:
    hub = sw.hub()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        target, pairs = hub.streams.begun[0]
        queued = ForwardState(state="queued", note=sw.QUEUED.words)
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, queued),), sw.NOW)
        await story.settle()
        assert story.app.screen is story.overview, "nobody is held up by a queue"
        refused = ForwardState(state="ended", problem=Problem(ProblemKind.FORBIDDEN, "not allowed here"))
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, refused),), sw.NOW)
        await story.settle()
        assert story.shows("it was refused", "not allowed here")


async def test_a_port_forward_that_is_refused_is_told_though_a_shell_was_begun_meanwhile() -> None:
    hub = sw.hub("api", "proxy")
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        target, pairs = hub.streams.begun[0]
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, ForwardState()),), sw.NOW)
        await story.press("s")
        assert story.shows("bash, else sh")
        refused = ForwardState(state="ended", problem=Problem(ProblemKind.FORBIDDEN, "not allowed here"))
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, refused),), sw.NOW)
        await story.settle()
        assert story.shows("bash, else sh"), "the shell is not stopped"
        assert story.shows("allowed here; f says more")


async def test_a_refusal_waits_until_the_terminal_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def in_terminal(*args: object, **named: object) -> None:
        inside.set()
        await leave.wait()

    @contextmanager
    def suspended(app: object) -> Generator[None]:
        yield

    monkeypatch.setattr(streaming, "in_terminal", in_terminal)
    monkeypatch.setattr(streaming, "suspended", suspended)
    hub = sw.hub()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        target, pairs = hub.streams.begun[0]
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, ForwardState()),), sw.NOW)
        await story.press("s")
        await inside.wait()
        refused = ForwardState(state="ended", problem=Problem(ProblemKind.FORBIDDEN, "not allowed here"))
        hub.streams.forwards.put((ForwardEntry(1, target, pairs, refused),), sw.NOW)
        await story.settle()
        assert not story.shows("not allowed here")
        leave.set()
        await story.settle()
        assert story.shows("it was refused", "not allowed here")


async def test_a_wrong_port_is_said_and_nothing_is_begun() -> None:
    hub = sw.hub()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "ctrl+u")
        await story.type("80:99999")
        await story.press("enter")
        assert "is no port" in story.text()
        assert hub.streams.begun == []


async def test_a_cluster_that_cannot_be_reached_is_told() -> None:
    hub = sw.hub()
    hub.streams.port = sw.no_port()
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        await story.settle()
        assert "no route to the host" in story.text()
        await story.press("escape")


async def test_where_the_lights_cannot_be_asked_it_goes_on() -> None:
    hub = sw.hub()
    hub.streams.known = SourceError(Problem(ProblemKind.UNREACHABLE, "gone"))
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("F", "enter")
        assert len(hub.streams.begun) == 1


async def test_a_key_that_means_nothing_here_is_not_offered() -> None:
    async with running(sw.hub()) as story:
        await story.press("1")
        assert "shell" not in story.lines()[-1]
        await story.press("s")
        assert len(story.app.screen_stack) == 1


async def test_the_list_of_port_forwards_and_its_keys() -> None:
    hub = sw.hub()
    hub.streams.forwards.put(sw.forwards(), sw.NOW)
    async with running(hub) as story:
        await story.press("f")
        text = story.text()
        for words in ("● live", "○ waiting", "× ended", "– asleep", ":8080→80"):
            assert words in text
        await story.press("t")
        assert hub.streams.kept == [(1, False)]
        await story.press("ctrl+d")
        assert hub.streams.stopped == [1]
        await story.press("down")
        assert "did not answer" in story.text()
        await story.press("down", "down", "enter")
        assert hub.streams.woken == [4]
        await story.press("escape")
        assert len(story.app.screen_stack) == 1


@pytest.mark.parametrize(("keymap", "key"), [({}, "r"), ({"forward.wake": "b"}, "b")], ids=["as it is", "rebound"])
async def test_one_that_sleeps_is_told_with_the_key_that_wakes_it(keymap: dict[str, str], key: str) -> None:
    hub = sw.hub()
    hub.streams.forwards.put(sw.forwards(), sw.NOW)
    async with running(hub, keymap=keymap) as story:
        await story.press("f", *["down"] * 4)
        assert story.shows("1 asleep", f"not begun in this one; {key} wakes it")
        await story.press(key)
        assert hub.streams.woken == [5]


async def test_no_port_forwards_are_told_with_the_key_that_opens_one() -> None:
    async with running(sw.hub()) as story:
        await story.press("colon")
        await story.type("forwards")
        await story.press("enter")
        assert "No port-forward has been opened." in story.text()


async def test_a_session_that_was_cut_is_opened_again_with_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await on_a_pod(story)
        await story.press("s")
        assert story.shows("dropped after 0s", "enter opens it again")
        await answered(story, "enter")
        assert handed.opened == 2


async def test_a_session_whose_pod_has_gone_meanwhile_is_told_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = sw.hub()
    port = hub.streams.port
    assert isinstance(port, sw.FakePod)
    labels = {"selector": {"matchLabels": {"app": "api"}}}
    set_of_it = {"kind": "ReplicaSet", "metadata": {"name": "api-7c9d"}, "spec": labels}
    owners = [{"kind": "ReplicaSet", "name": "api-7c9d", "controller": True}]
    first, next = sw.pod("api"), sw.pod("api")
    first["metadata"]["ownerReferences"] = owners
    next["metadata"]["name"] = "api-7c9d-9z9z9"
    port.becomes(first)
    port.others[REPLICA_SETS] = set_of_it
    refused = Problem(ProblemKind.INVALID, "the server answered 400", 'pods "api-7c9d-x2f1p" not found')
    Handed(monkeypatch, CUT, before=lambda: port.becomes(next), refusals=[None, refused])
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        await answered(story, "enter")
        assert story.shows("pod api-7c9d-x2f1p is gone; replicaset api-7c9d has pod api-7c9d-9z9z9")
        assert story.shows("clusterview exec api-7c9d-9z9z9 -n payments")


@pytest.mark.parametrize("unlocks", [True, False], ids=["unlocked", "left"])
async def test_a_session_that_was_cut_is_not_opened_again_while_writing_is_locked(
    unlocks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = sw.hub()
    handed = Handed(monkeypatch, CUT, before=hub.changes.relock)
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        assert story.shows("enter opens it again", "READ-ONLY")
        await answered(story, "enter")
        await answered(story, "enter")
        assert handed.opened == 1
        assert story.shows("writing has been locked meanwhile", "W unlock and open")
        await answered(story, "W" if unlocks else "escape")
        assert handed.opened == (2 if unlocks else 1)
        assert not story.shows("writing has been locked meanwhile")


async def test_a_session_is_not_opened_where_the_configuration_locks_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = sw.hub()
    hub.changes.closed = "the settings forbid writing"
    handed = Handed(monkeypatch, CUT, before=hub.changes.relock)
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        await answered(story, "enter")
        assert story.shows("the settings forbid writing")
        assert handed.opened == 1


async def test_the_lock_is_looked_at_when_a_session_s_turn_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = sw.hub()
    waits = hub.streams.port
    assert isinstance(waits, sw.FakePod)
    waits.queued = sw.QUEUED
    written: list[bytes] = []

    class Seen(streaming.Outlet):
        def put(self, data: bytes | memoryview) -> asyncio.Future[None]:
            written.append(bytes(data))
            return super().put(b"")

    monkeypatch.setattr(streaming, "Outlet", Seen)
    handed = Handed(monkeypatch)
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        assert b"waiting for a stream" in b"".join(written)
        hub.changes.relock()
        waits.turn.set()
        await story.settle()
        assert handed.opened == 0
        assert story.shows("writing has been locked meanwhile", "W unlock and open")
        await answered(story, "W")
        assert handed.opened == 1


@pytest.mark.parametrize("kind", [ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT, ProblemKind.SERVER])
async def test_a_session_that_never_opened_is_refused_however_long_it_waited(
    kind: ProblemKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = sw.hub()

    async def session(*args: object, **named: object) -> None:
        await hub.clock.advance(25 * 60)
        raise SourceError(Problem(kind, "nobody answers there"))

    Handed(monkeypatch)
    monkeypatch.setattr(streaming, "in_terminal", session)
    async with running(hub) as story:
        await on_a_pod(story)
        await story.press("s")
        assert story.shows("it was refused", "nobody answers there")
        assert not story.shows("dropped after")
        assert not story.shows("cut after")
