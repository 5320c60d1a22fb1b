"""Copies to and from a container, by keys; the container is a folder, and its tar the real one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ui import streams_world as sw
from tests.ui.fake import FakeHub
from tests.ui.handed import answered
from tests.ui.run import Story, running
from tui.streams.staging import PREFIX


@pytest.fixture
def far(tmp_path: Path) -> Path:
    (tmp_path / "far").mkdir()
    return tmp_path / "far"


@pytest.fixture
def near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program runs: each key of a path costs a test some time, so paths are short."""
    (tmp_path / "near").mkdir()
    monkeypatch.chdir(tmp_path / "near")
    return tmp_path / "near"


def hub_of(
    far: Path, *containers: str, cut: list[int | None] | None = None, cut_in: Sequence[int | None] = ()
) -> FakeHub:
    hub = sw.hub(*containers)
    hub.streams.port = sw.FolderPod(sw.pod(*(containers or ("api",))), far, cut, cut_in)
    return hub


async def asked(story: Story, there: str, here: str, *, into: bool = False) -> None:
    """`t` on the first row, and what the form asks for."""
    await story.press("3", "t")
    await story.press(*(["right"] if into else []), "tab")
    await story.type(there)
    await story.press("tab", "ctrl+u")
    await story.type(here)
    await story.press("enter")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def until(story: Story, *texts: str, each: float = 0.0) -> None:
    """Until the screen shows all of them; the real tar takes its time. each: seconds that pass with each look: who goes
    on while what was cut is still at work there waits more than once."""
    for _ in range(500):
        await (story.advance(each) if each else story.settle())
        if story.shows(*texts):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(story.text())


async def test_a_file_comes_from_a_container(far: Path, near: Path) -> None:
    (far / "data").write_bytes(b"x" * 3_000_000)
    async with running(hub_of(far)) as story:
        await asked(story, "data", "here")
        await until(story, "copied 1 file, 2.9 MiB")
        assert len(story.app.screen_stack) == 1
    assert (near / "here").read_bytes() == b"x" * 3_000_000


async def test_a_tree_goes_into_a_container(far: Path, near: Path) -> None:
    (near / "tree" / "a b").mkdir(parents=True)
    (near / "tree" / "a b" / "ü").write_text("1")
    async with running(hub_of(far)) as story:
        await asked(story, "there", "tree", into=True)
        await until(story, "copied")
    assert (far / "there" / "a b" / "ü").read_text() == "1"


async def test_a_cut_is_said_and_got_over(far: Path, near: Path) -> None:
    (far / "data").write_bytes(b"x" * 3_000_000)
    async with running(hub_of(far, cut=[1_000_000, None])) as story:
        await asked(story, "data", "here")
        await until(story, "cut, goes on: cut")
        await until(story, "cut 1 time", each=1)
    assert (near / "here").read_bytes() == b"x" * 3_000_000


async def test_escape_stops_it_and_leaves_nothing_half(far: Path, near: Path) -> None:
    (far / "data").write_bytes(b"x" * 3_000_000)
    async with running(hub_of(far, cut=[1_000_000, None])) as story:
        await asked(story, "data", "here")
        await until(story, "cut, goes on: cut")
        await story.press("escape")
        assert len(story.app.screen_stack) == 1
        await story.settle()
    assert names(near) == []


async def test_a_cut_on_the_way_into_a_container_is_got_over_too(far: Path, near: Path) -> None:
    (near / "data").write_bytes(b"x" * 3_000_000)
    async with running(hub_of(far, cut_in=[1_000_000])) as story:
        await asked(story, "data", "data", into=True)
        await until(story, "cut, goes on: cut")
        assert [name.startswith(PREFIX) for name in names(far)] == [True]
        await until(story, "cut 1 time", each=1)
    assert names(far) == ["data"]
    assert (far / "data").read_bytes() == b"x" * 3_000_000


async def test_escape_leaves_nothing_half_in_a_container_either(far: Path, near: Path) -> None:
    (near / "data").write_bytes(b"x" * 3_000_000)
    async with running(hub_of(far, cut_in=[1_000_000])) as story:
        await asked(story, "data", "data", into=True)
        await until(story, "cut, goes on: cut")
        await story.press("escape")
        assert len(story.app.screen_stack) == 1
        for _ in range(500):
            if not names(far):
                break
            await asyncio.sleep(0.01)  # the real rm takes its time
    assert names(far) == []


async def test_what_was_left_out_stays_on_screen_until_it_is_read(far: Path, near: Path) -> None:
    (far / "tree").mkdir()
    (far / "tree" / "good").write_text("1")
    (far / "tree" / "bad").symlink_to("/etc/passwd")
    async with running(hub_of(far)) as story:
        await asked(story, "tree", "here")
        await until(story, "1 entry left out", "it is a link to /etc/passwd, outside of what is copied")
        await story.press("enter")
        assert len(story.app.screen_stack) == 1
    assert (near / "here" / "good").read_text() == "1"


async def test_what_was_left_out_of_a_copy_into_a_container_stays_on_screen_too(far: Path, near: Path) -> None:
    (near / "tree").mkdir()
    (near / "tree" / "good").write_text("1")
    with socket.socket(socket.AF_UNIX) as held:
        held.bind("tree/bad")
        async with running(hub_of(far)) as story:
            await asked(story, "there", "tree", into=True)
            await until(story, "1 entry left out", "tree/bad: a socket")
            await story.press("enter")
            assert len(story.app.screen_stack) == 1
    assert (far / "there" / "good").read_text() == "1"


@pytest.mark.parametrize(
    ("there", "here", "words"),
    [("nowhere", "here", "the container's tar failed"), ("data", "a/b/c", "is no folder of this machine")],
)
async def test_a_failure_is_told(far: Path, near: Path, there: str, here: str, words: str) -> None:
    (far / "data").write_text("1")
    async with running(hub_of(far)) as story:
        await asked(story, there, here)
        await until(story, words)
        await story.press("escape")
        assert len(story.app.screen_stack) == 1


async def test_keys_that_come_in_one_packet_reach_the_fields_that_they_are_meant_for(far: Path, near: Path) -> None:
    (far / "data").write_text("1")
    async with running(hub_of(far)) as story:
        await story.press("3", "t")
        await story.burst("tab", *"data", "tab", "ctrl+u", *"here", "enter")
        await until(story, "copied 1 file")
    assert names(near) == ["here"]


async def test_both_paths_are_wanted(far: Path) -> None:
    async with running(hub_of(far, "api", "proxy")) as story:
        await story.press("3", "t", "enter")
        assert "which path in the container?" in story.text()
        assert "proxy" in story.text()


async def test_it_wants_writing_unlocked(far: Path) -> None:
    async with running(sw.hub(unlocked=False)) as story:
        await story.press("3", "t")
        assert "unlock" in story.text().lower()
        assert len(story.app.screen_stack) == 1


async def test_a_copy_that_waits_for_its_turn_says_so_and_can_be_left(far: Path, near: Path) -> None:
    (far / "a").write_bytes(b"whole")
    hub = hub_of(far)
    port = hub.streams.port
    assert isinstance(port, sw.FolderPod)
    port.queued = sw.QUEUED
    async with running(hub) as story:
        await asked(story, str(far / "a"), "./")
        await until(story, "waiting for a stream: 2 ahead of you, 5 of 5 in use (acme-1)", "esc stops it")
        await story.press("escape")
        assert story.app.screen is story.overview
        assert names(near) == []
        port.turn.set()
        await asked(story, str(far / "a"), "./")
        await until(story, "copied 1 file")
        assert (near / "a").read_bytes() == b"whole"


async def test_the_lock_is_looked_at_again_behind_the_form_of_a_copy(far: Path, near: Path) -> None:
    (far / "a").write_bytes(b"whole")
    hub = hub_of(far)
    async with running(hub) as story:
        await story.press("3", "t", "tab")
        await story.type("a")
        await story.press("tab", "ctrl+u", "b")
        hub.changes.relock()
        await story.press("enter")
        assert story.shows("writing has been locked", "W unlock and open")
        assert names(near) == []
        await answered(story, "W")
        await until(story, "copied 1 file")
    assert names(near) == ["b"]


@pytest.mark.parametrize("into", [False, True])
async def test_the_lock_is_looked_at_again_when_a_copy_s_turn_has_come(*, into: bool, far: Path, near: Path) -> None:
    ((near if into else far) / "a").write_bytes(b"whole")
    hub = hub_of(far)
    port = hub.streams.port
    assert isinstance(port, sw.FolderPod)
    port.queued = sw.QUEUED
    async with running(hub) as story:
        await asked(story, "a", "a", into=into)
        await until(story, "waiting for a stream")
        hub.changes.relock()
        port.turn.set()
        await until(story, "writing has been locked meanwhile")
        await story.press("enter")
        assert story.app.screen is story.overview
    assert names(far if into else near) == []


async def test_a_copy_that_was_begun_goes_on_after_a_cut_though_writing_is_locked_again(far: Path, near: Path) -> None:
    (far / "data").write_bytes(b"x" * 3_000_000)
    hub = hub_of(far, cut=[1_000_000, None])
    port = hub.streams.port
    assert isinstance(port, sw.FolderPod)
    port.queued = sw.QUEUED
    port.turn.set()
    async with running(hub) as story:
        await asked(story, "data", "here")
        await until(story, "cut, goes on: cut")
        hub.changes.relock()
        await until(story, "cut 1 time", each=1)
    assert (near / "here").read_bytes() == b"x" * 3_000_000
