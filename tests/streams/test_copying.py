"""Copies to and from a "container" that is a folder, by the real tar: what arrives is what was there, or nothing is."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import random
import shutil
import stat
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.streams.localport import LocalPort
from tui.clock import SystemClock
from tui.errors import SourceError, UsageError
from tui.model.streams import Copied, Tick
from tui.streams.copying import download
from tui.streams.paths import Place
from tui.streams.refetch import TRIES
from tui.streams.unpacking import PART, Unpacked, unpack
from tui.streams.uploading import upload

POD = Place("default", "shop", "app")


class Hurried(SystemClock):
    """Notes how long it would have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def nothing(done: Copied) -> None:
    """Nobody looks."""


async def down(port: LocalPort, source: str, target: str, tick: Tick = nothing) -> Copied:
    return await download(port, POD, source, target, tick, Hurried())


async def up(port: LocalPort, source: str, target: str, tick: Tick = nothing) -> Copied:
    return await upload(port, POD, source, target, tick, Hurried())


def made(folder: Path) -> Path:
    """A tree with everything that a tree may have."""
    tree = folder / "tree"
    (tree / "with space" / "ünïcode ☃").mkdir(parents=True)
    (tree / "empty").mkdir()
    (tree / "with space" / "a'b\"c").write_text("quoted")
    (tree / "with space" / "ünïcode ☃" / "x").write_bytes(b"")
    (tree / "-dash").write_text("-rf")
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o755)
    (tree / "secret").write_text("s")
    (tree / "secret").chmod(0o600)
    (tree / "link").symlink_to("with space/a'b\"c")
    (tree / "up").mkdir()
    (tree / "up" / "link").symlink_to("../run.sh")
    os.link(tree / "run.sh", tree / "hard")
    (tree / ("long" * 60)).write_text("long")
    (tree / "big").write_bytes(random.Random(3).randbytes(3_000_000))
    return tree


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def told(tree: Path) -> dict[str, tuple[str, str]]:
    """What is in a tree: kind and mode, and content."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(tree.rglob("*")):
        mode = path.lstat().st_mode
        kind = stat.filemode(mode) if not stat.S_ISLNK(mode) else "l"
        content = os.readlink(path) if stat.S_ISLNK(mode) else ""
        if stat.S_ISREG(mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(tree))] = (kind, content)
    return found


@pytest.fixture
def far(tmp_path: Path) -> Path:
    (tmp_path / "far").mkdir()
    return tmp_path / "far"


@pytest.fixture
def near(tmp_path: Path) -> Path:
    (tmp_path / "near").mkdir()
    return tmp_path / "near"


async def test_a_tree_comes_as_it_is(far: Path, near: Path) -> None:
    tree = made(far)
    ticks: list[int] = []
    done = await down(LocalPort(far), str(tree), str(near / "here"), lambda done: ticks.append(done.bytes))
    assert told(near / "here") == told(tree)
    assert done.left_out == []
    assert ticks == sorted(ticks)
    assert ticks[-1] == done.bytes > 3_000_000
    assert (near / "here" / "big").stat().st_mtime == int(tree.joinpath("big").stat().st_mtime)


async def test_a_tree_goes_as_it_is(far: Path, near: Path) -> None:
    tree = made(near)
    copied: list[Copied] = []
    done = await up(LocalPort(far), str(tree), str(far / "there"), copied.append)
    assert told(far / "there") == told(tree)
    assert done.left_out == []
    assert copied[-1].bytes > 3_000_000


@pytest.mark.parametrize("target", ["into", "into/"])
async def test_into_a_folder_that_is_there(far: Path, near: Path, target: str) -> None:
    for side in (far, near):
        (side / "into").mkdir()
        (side / "file").write_text(side.name)
    await down(LocalPort(far), "file", str(near / target))
    assert (near / "into" / "file").read_text() == "far"
    await up(LocalPort(far), str(near / "file"), target)
    assert (far / "into" / "file").read_text() == "near"


@pytest.mark.parametrize(("source", "name"), [("d", "d"), ("d/", "d"), ("./d", "d"), ("d/sub/..", "d"), (".", "root")])
async def test_ways_to_write_a_source(far: Path, near: Path, source: str, name: str) -> None:
    (far / "d" / "sub").mkdir(parents=True)
    (far / "d" / "f").write_text("f")
    await down(LocalPort(far), source, str(near))
    found = near / name / "f" if source != "." else near / "root" / "d" / "f"
    assert found.read_text() == "f"


@pytest.mark.parametrize("name", ["人" * 80, "n" * 255, "ü" * 120 + "x"])
async def test_names_may_be_as_long_as_a_file_system_takes_them(far: Path, near: Path, name: str) -> None:
    (far / name).write_text("1")
    await down(LocalPort(far), name, str(near))
    assert names(near) == [name]


async def test_what_is_there_is_written_over_in_one_step(far: Path, near: Path) -> None:
    (far / "f").write_text("new")
    (near / "f").write_text("old and longer")
    await down(LocalPort(far), "f", str(near / "f"))
    assert (near / "f").read_text() == "new"
    assert names(near) == ["f"]


async def test_a_stream_that_is_cut_goes_on_in_the_same_place(far: Path, near: Path) -> None:
    tree = made(far)
    port = LocalPort(far, cut=[400_000, 1_000_000, 0, 9_000, 1_500_000, None])
    seen: list[tuple[int, str]] = []
    done = await down(port, str(tree), str(near / "here"), lambda done: seen.append((done.cuts, done.waits)))
    assert told(near / "here") == told(tree)
    assert (done.cuts, done.left_out) == (5, [])
    assert (1, "cut") in seen
    assert seen[-1] == (5, "")
    assert [command[0] for command in port.commands] == ["tar", "sh", "sh", "sh", "sh", "sh"]


async def test_a_stream_that_is_always_cut_leaves_no_half_file(far: Path, near: Path) -> None:
    (far / "f").write_bytes(b"x" * 2_000_000)
    port, clock = LocalPort(far, cut=[500_000, *[0] * 20]), Hurried()
    with pytest.raises(SourceError, match="cut"):
        await download(port, POD, "f", str(near / "f"), nothing, clock)
    assert names(near) == []
    assert len(port.commands) == 1 + TRIES
    assert clock.slept == [1, 2, 4, 8, 15, 15]


async def test_what_was_refused_before_anything_came_is_not_asked_again(far: Path, near: Path) -> None:
    port = LocalPort(far, cut=[0, None])
    (far / "f").write_bytes(b"x" * 2_000_000)
    with pytest.raises(SourceError, match="cut"):
        await down(port, "f", str(near / "f"))
    assert len(port.commands) == 1


@pytest.mark.parametrize("change", ["shorter", "other", "longer"])
async def test_a_file_that_changes_while_it_is_cut_is_not_taken_for_whole(far: Path, near: Path, change: str) -> None:
    changed = {"shorter": b"x" * 100_000, "other": b"y" * 2_000_000, "longer": b"x" * 3_000_000}
    (far / "f").write_bytes(b"x" * 2_000_000)

    def tick(done: Copied) -> None:
        if done.waits:  # once: at the cut
            (far / "f").write_bytes(changed[change])

    with pytest.raises(SourceError, match="has changed meanwhile"):
        await down(LocalPort(far, cut=[500_000, None]), "f", str(near / "f"), tick)
    assert [path for path in names(near) if path.endswith(PART)] == []


async def test_a_container_that_cannot_go_on_says_so(far: Path, near: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tar").symlink_to(shutil.which("tar") or "/bin/tar")
    (far / "f").write_bytes(b"x" * 2_000_000)
    port = LocalPort(far, cut=[500_000, None], path=str(tmp_path / "bin"))
    with pytest.raises(SourceError, match="has not what it takes to go on"):
        await down(port, "f", str(near / "f"))
    assert names(near) == []


async def test_cancelling_leaves_no_half_file(far: Path, near: Path) -> None:
    (far / "f").write_bytes(b"x" * 20_000_000)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def tick(done: Copied) -> None:
        loop.call_soon_threadsafe(begun.set)

    copying = asyncio.create_task(down(LocalPort(far), "f", str(near / "f"), tick))
    await begun.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert names(near) == []


async def test_a_file_that_is_not_there_is_told_in_tars_words(far: Path, near: Path) -> None:
    with pytest.raises(SourceError) as caught:
        await down(LocalPort(far), "nowhere", str(near))
    assert "nowhere" in caught.value.problem.server_words
    assert names(near) == []


@pytest.mark.parametrize("copy", [down, up])
async def test_a_container_without_tar_is_told(far: Path, near: Path, copy: Callable[..., Awaitable[Copied]]) -> None:
    (near / "f").write_text("f")
    with pytest.raises(SourceError, match="has no tar") as caught:
        await copy(LocalPort(far, path="/nowhere"), str(near / "f"), str(near))
    assert "kubectl debug" in caught.value.problem.remedy


async def test_a_target_that_cannot_be_written_is_told(far: Path, near: Path) -> None:
    (far / "f").write_text("f")
    with pytest.raises(UsageError, match="no folder"):
        await down(LocalPort(far), "f", str(near / "a" / "b"))
    with pytest.raises(UsageError, match="no such file"):
        await up(LocalPort(far), str(near / "nowhere"), "f")


async def test_a_far_folder_that_is_not_there_is_told(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 5_000_000)
    with pytest.raises(SourceError, match="tar failed"):
        await up(LocalPort(far), str(near / "f"), "a/b/f")


# What a container may send -------------------------------------------------------------------------------------------


Entry = tuple[tarfile.TarInfo, bytes]


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"evil"
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o6777
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info, content


def unpacked(folder: Path, *entries: Entry) -> Unpacked:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
    held.seek(0)
    return unpack(held, str(folder), "t", lambda path, count: None)


@pytest.mark.parametrize(
    "hostile",
    [
        [entry("t/../../evil")],
        [entry("../evil")],
        [entry("t/l", tarfile.SYMTYPE, "../.."), entry("t/l/evil")],
        [entry("t/l", tarfile.SYMTYPE, "/tmp"), entry("t/l/evil")],
        [entry("t", tarfile.SYMTYPE, ".."), entry("t/evil")],
        [entry("t/a", tarfile.SYMTYPE, "b/../../.."), entry("t/a/evil")],
        [entry("t/h", tarfile.LNKTYPE, "../outside")],
        [entry("t/h", tarfile.LNKTYPE, "/etc/passwd")],
        [entry("t/dev", tarfile.CHRTYPE)],
        [entry("t/fifo", tarfile.FIFOTYPE)],
    ],
)
def test_nothing_is_written_outside_the_target(tmp_path: Path, hostile: list[Entry]) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (tmp_path / "a" / "outside").write_text("mine")
    before = told(tmp_path)
    done = unpacked(folder, *hostile)
    outside = {path: what for path, what in told(tmp_path).items() if not path.startswith("a/b/t")}
    assert outside == before
    assert done.left_out or not list(folder.rglob("evil"))
    assert not Path("/tmp/evil").exists()


def test_a_link_that_stays_inside_is_kept_and_nothing_is_written_through_it(tmp_path: Path) -> None:
    done = unpacked(
        tmp_path,
        entry("t/d", tarfile.DIRTYPE),
        entry("t/l", tarfile.SYMTYPE, "d"),
        entry("t/l/f"),
        entry("t/d/g"),
    )
    assert os.readlink(tmp_path / "t" / "l") == "d"
    assert sorted(path.name for path in (tmp_path / "t" / "d").iterdir()) == ["g"]
    assert len(done.left_out) == 1


def test_a_link_that_stands_here_already_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "t").symlink_to("mine")
    unpacked(tmp_path, entry("t"))
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "t").read_text() == "evil"


def test_no_privileged_bits_come_along_and_that_is_told(tmp_path: Path) -> None:
    done = unpacked(tmp_path, entry("t/f"))
    assert stat.S_IMODE((tmp_path / "t" / "f").stat().st_mode) == 0o777
    (words,) = done.bits
    assert words.startswith("t/f: without its setuid and setgid bits: ")
    assert done.left_out == []


@pytest.mark.parametrize("there", ["folder", "pipe"])
def test_what_is_in_the_way_is_seen_before_anything_is_written(tmp_path: Path, there: str) -> None:
    (tmp_path / "t").mkdir()
    if there == "folder":
        (tmp_path / "t" / "f").mkdir()
    else:
        os.mkfifo(tmp_path / "t" / "f")
    before = (tmp_path / "t").stat().st_mtime_ns
    done = unpacked(tmp_path, entry("t/f"))
    assert "in the way" in done.left_out[0]
    assert (tmp_path / "t").stat().st_mtime_ns == before, "a part was begun and removed"


def test_a_folder_in_the_way_of_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "t" / "f").mkdir(parents=True)
    done = unpacked(tmp_path, entry("t/f"), entry("t/g"))
    assert (tmp_path / "t" / "f").is_dir()
    assert len(done.left_out) == 1
    assert not list(tmp_path.rglob(f"*{PART}"))
    assert (tmp_path / "t" / "g").read_text() == "evil"


@pytest.mark.parametrize("cut", [None, 512 + 1024 + 100])
def test_what_is_no_header_is_not_taken_for_the_end(tmp_path: Path, cut: int | None) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for number in range(3):
            info, content = entry(f"t/{number}", content=b"x" * 1000)
            archive.addfile(info, io.BytesIO(content))
    spoilt = bytearray(held.getvalue())
    spoilt[1536 : 1536 + 512] = b"x" * 512
    with pytest.raises(tarfile.TarError):
        unpack(io.BytesIO(bytes(spoilt[:cut])), str(tmp_path), "t", lambda path, count: None)


@pytest.mark.parametrize("seed", range(20))
def test_a_spoilt_archive_is_refused_or_read_and_nothing_worse(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for number in range(4):
            info, content = entry(f"t/{number}", content=dice.randbytes(900))
            archive.addfile(info, io.BytesIO(content))
    spoilt = bytearray(held.getvalue())
    for _ in range(dice.randrange(1, 12)):
        spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
    folder = tmp_path / "a"
    folder.mkdir()
    try:
        unpack(io.BytesIO(bytes(spoilt[: dice.randrange(len(spoilt))])), str(folder), "t", lambda path, count: None)
    except (tarfile.TarError, OSError):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_that_goes_back_through_others_is_left_out(tmp_path: Path) -> None:
    """Each step of it looks harmless; what it goes down through are links that lead nowhere deeper."""
    links = [entry("t/a", tarfile.SYMTYPE, "."), entry("t/l", tarfile.SYMTYPE, "a/a/a/a/../../../../secret")]
    done = unpacked(tmp_path, entry("t", tarfile.DIRTYPE), *links, entry("t/ok", tarfile.SYMTYPE, "a/f"))
    assert sorted(os.listdir(tmp_path / "t")) == ["a", "ok"]
    assert "outside of what is copied" in done.left_out[0]


@pytest.mark.parametrize("target", ["pipe", "led"])
async def test_a_copy_takes_the_place_of_no_pipe_or_device(far: Path, near: Path, target: str) -> None:
    (far / "f").write_text("new")
    os.mkfifo(near / "pipe")
    (near / "led").symlink_to("pipe")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        await download(LocalPort(far), POD, str(far / "f"), str(near / target), nothing, Hurried())
    assert stat.S_ISFIFO((near / "pipe").lstat().st_mode)


def test_a_tree_takes_the_place_of_no_pipe_either(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    os.mkfifo(tmp_path / "t" / "f")
    done = unpacked(tmp_path, entry("t", tarfile.DIRTYPE), entry("t/f"), entry("t/g"))
    assert stat.S_ISFIFO((tmp_path / "t" / "f").lstat().st_mode)
    assert sorted(os.listdir(tmp_path / "t")) == ["f", "g"]
    assert "in the way" in done.left_out[0]


async def test_a_link_that_is_the_target_is_written_through_as_kubectl_does(far: Path, near: Path) -> None:
    (far / "f").write_text("new")
    (near / "real").write_text("old")
    (near / "link").symlink_to("real")
    await download(LocalPort(far), POD, str(far / "f"), str(near / "link"), nothing, Hurried())
    assert (near / "real").read_text() == "new"
    assert os.readlink(near / "link") == "real"
