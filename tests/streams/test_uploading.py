"""Copies into a "container" that is a folder, by its real shell and tar: whole or not there, gone on with where they
were cut, and in the end as tar alone would have put them."""

from __future__ import annotations

import asyncio
import os
import random
import shlex
import shutil
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from stat import S_ISREG

import pytest

from tests.streams.localport import CUT, LocalPort
from tests.streams.tars import tar_of
from tests.streams.test_copying import POD, Hurried, made, names, nothing, told
from tui.errors import SourceError, UsageError
from tui.model.streams import Copied, SocketPort, StreamSocket, Tick
from tui.streams.packing import LAST, closing_of, plan
from tui.streams.paths import Query
from tui.streams.refetch import TRIES
from tui.streams.stagescripts import BEGIN, FED, fed
from tui.streams.staging import PREFIX
from tui.streams.uploading import SOON, upload
from tui.wire.channels import MESSAGE_BYTES, STDIN, TOGETHER, V4, V5, unpack
from tui.wire.outgoing import Bytes, Outgoing

PROTOCOLS = pytest.mark.parametrize("protocol", [V5, V4])


async def up(port: SocketPort, source: Path, target: Path | str, tick: Tick = nothing) -> Copied:
    return await upload(port, POD, str(source), str(target), tick, Hurried())


def only(folder: Path, *programs: str) -> str:
    """A PATH on which there is nothing more than these."""
    folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (folder / program).symlink_to(found)
    return str(folder)


@pytest.fixture
def far(tmp_path: Path) -> Path:
    (tmp_path / "far").mkdir()
    return tmp_path / "far"


@pytest.fixture
def near(tmp_path: Path) -> Path:
    (tmp_path / "near").mkdir()
    return tmp_path / "near"


def by_tar(folder: Path, name: str, target: Path) -> None:
    packed = subprocess.run(["tar", "cf", "-", "-C", str(folder), name], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-xmf", "-", "-C", str(target)], input=packed, check=True)


def staged(folder: Path) -> list[Path]:
    return list(folder.rglob(f"{PREFIX}*"))


def occupied(folder: Path) -> None:
    """What is in the way of `made` trees."""
    tree = folder / "tree"
    (tree / "with space").mkdir(parents=True, mode=0o711)
    (tree / "with space" / "a'b\"c").write_text("old")
    (tree / "with space" / "mine").write_text("kept")
    (tree / "run.sh").symlink_to("mine")
    (tree / "mine").write_text("kept")
    (tree / "secret").write_text("old and longer than what comes")
    (tree / "up").write_text("a file where a folder comes")
    (tree / ".hidden").write_text("kept")
    (tree / "link").symlink_to("/nowhere")


@PROTOCOLS
@pytest.mark.parametrize("before", ["nothing", "occupied"])
async def test_what_is_there_in_the_end_is_what_tar_would_have_put_there(
    far: Path, near: Path, tmp_path: Path, protocol: str, before: str
) -> None:
    tree = made(near)
    (tree / "closed").mkdir()
    (tree / "closed" / "f").write_text("f")
    (tree / "closed" / "f").chmod(0o4750)
    (tree / "closed").chmod(0o555)
    (tree / "with space").chmod(0o1777)
    (tree / ".hidden dir").mkdir()
    (tree / "..two").write_text("dots")
    os.mkfifo(tree / "fifo")
    expected = tmp_path / "expected"
    expected.mkdir()
    if before == "occupied":
        occupied(expected)
        occupied(far)
    by_tar(near, "tree", expected)
    done = await up(LocalPort(far, protocol=protocol), tree, far)
    assert told(far) == told(expected)
    assert (far / "tree" / "hard").stat().st_ino == (far / "tree" / "run.sh").stat().st_ino
    assert (done.left_out, done.cuts) == ([], 0)
    assert done.files == 9


@PROTOCOLS
@pytest.mark.parametrize("target", ["as", "into", "into/", "./into", "-dash", "with space/ü"])
async def test_ways_to_write_a_target(far: Path, near: Path, protocol: str, target: str) -> None:
    (near / "f").write_text("new")
    (far / "into").mkdir()
    (far / "with space").mkdir()
    await up(LocalPort(far, protocol=protocol), near / "f", target)
    assert (far / (f"{target}/f" if "into" in target else target)).read_text() == "new"
    assert staged(far) == []


async def test_nothing_has_its_name_before_it_is_whole(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 5_000_000)
    (far / "f").write_text("old")
    seen: list[tuple[list[str], str]] = []

    def tick(done: Copied) -> None:
        seen.append((names(far), (far / "f").read_text()))

    await up(LocalPort(far), near / "f", "f", tick)
    assert (far / "f").stat().st_size == 5_000_000
    assert len(seen) > 10
    for found, content in seen:
        assert content == "old"
        assert [name for name in found if name != "f" and not name.startswith(PREFIX)] == []
    assert names(far) == ["f"]


@PROTOCOLS
@pytest.mark.parametrize("seed", range(6))
async def test_a_copy_that_is_cut_goes_on_until_all_is_there(far: Path, near: Path, protocol: str, seed: int) -> None:
    dice = random.Random(seed)
    tree = made(near)
    for number in range(60):
        (tree / f"n{number:02}").write_bytes(dice.randbytes(dice.choice((10, 3_000, 200_000))))
    if seed % 2:
        occupied(far)
    port = LocalPort(far, cut_in=[dice.randrange(4_000_000) for _ in range(TRIES)], protocol=protocol)
    seen: list[tuple[int, str]] = []
    done = await up(port, tree, "." if seed % 2 else "there", lambda done: seen.append((done.bytes, done.waits)))
    found = told(far / "tree") if seed % 2 else told(far / "there")
    assert {name: what for name, what in found.items() if "mine" not in name and ".hidden" not in name} == told(tree)
    assert done.cuts > 0
    assert any(waits == "cut" for _, waits in seen)
    assert [count for count, _ in seen] == sorted(count for count, _ in seen), "what goes twice counts once"
    assert staged(far) == []


@PROTOCOLS
async def test_a_big_file_is_gone_on_with_in_its_middle(far: Path, near: Path, protocol: str) -> None:
    content = random.Random(5).randbytes(20_000_000)
    (near / "big").write_bytes(content)
    (near / "big").chmod(0o640)
    cuts = [6_000_000] * 3
    port = LocalPort(far, cut_in=cuts, protocol=protocol)
    done = await up(port, near / "big", "big")
    assert (far / "big").read_bytes() == content
    assert (far / "big").stat().st_mode & 0o7777 == 0o640
    assert done.cuts == 3
    assert port.taken < 25_000_000, "what is there is not sent again"


@pytest.mark.parametrize("missing", ["sha256sum", "wc"])
async def test_one_that_cannot_be_gone_on_with_is_begun_again(
    far: Path, near: Path, tmp_path: Path, missing: str
) -> None:
    tools = {"sh", "tar", "mkdir", "mv", "rm", "cat", "wc", "sha256sum", "id", "chmod"} - {missing}
    (near / "big").write_bytes(b"x" * 3_000_000)
    port = LocalPort(far, cut_in=[1_500_000], path=only(tmp_path / "bin", *tools))
    await up(port, near / "big", "big")
    assert (far / "big").stat().st_size == 3_000_000
    assert port.taken > 4_000_000


async def test_a_file_that_changes_while_it_is_cut_is_sent_as_it_is_now(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 3_000_000)

    def tick(done: Copied) -> None:
        if done.waits:
            (near / "f").write_bytes(b"y" * 3_000_000)

    await up(LocalPort(far, cut_in=[1_500_000]), near / "f", "f", tick)
    assert (far / "f").read_bytes() == b"y" * 3_000_000


async def test_one_that_becomes_shorter_is_told_and_nothing_is_left(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 3_000_000)

    def tick(done: Copied) -> None:
        if done.waits:
            (near / "f").write_bytes(b"x")

    with pytest.raises(UsageError, match="became shorter"):
        await up(LocalPort(far, cut_in=[1_500_000]), near / "f", "f", tick)
    assert names(far) == []


async def test_a_copy_that_is_always_cut_leaves_nothing_behind(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 3_000_000)
    clock = Hurried()
    with pytest.raises(SourceError, match="cut"):
        await upload(LocalPort(far, cut_in=[0] * 50), POD, str(near / "f"), "f", nothing, clock)
    assert clock.slept == [1, 2, 4, 8, 15, 15]
    assert names(far) == []


def refuses_once_cut(port: LocalPort) -> Tick:
    """From its first cut on a copy finds nobody there."""

    def tick(done: Copied) -> None:
        port.refuses = port.refuses or bool(done.waits)

    return tick


async def test_what_cannot_be_removed_is_named_with_what_removes_it(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 3_000_000)
    port = LocalPort(far, cut_in=[1_000_000])

    with pytest.raises(SourceError) as caught:
        await up(port, near / "f", "f", refuses_once_cut(port))
    (left,) = names(far)
    assert f"what had come is left in ./{left}" in caught.value.problem.summary
    assert caught.value.problem.remedy == f"kubectl exec -n default shop -c app -- rm -rf -- ./{left}"


async def test_what_removes_it_names_nothing_else(far: Path, near: Path) -> None:
    (far / "my files; $(id)").mkdir()
    (near / "f").write_bytes(b"x" * 3_000_000)
    port = LocalPort(far, cut_in=[1_000_000])

    with pytest.raises(SourceError) as caught:
        await up(port, near / "f", "my files; $(id)/", refuses_once_cut(port))
    (left,) = names(far / "my files; $(id)")
    assert shlex.split(caught.value.problem.remedy)[-4:] == ["rm", "-rf", "--", f"./my files; $(id)/{left}"]


@PROTOCOLS
async def test_cancelling_leaves_nothing_behind(far: Path, near: Path, protocol: str) -> None:
    (near / "f").write_bytes(b"x" * 20_000_000)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def tick(done: Copied) -> None:
        loop.call_soon_threadsafe(begun.set)

    copying = asyncio.create_task(up(LocalPort(far, protocol=protocol), near / "f", "f", tick))
    await begun.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert names(far) == []


@pytest.mark.parametrize("before", ["nothing", "occupied"])
async def test_what_is_cut_while_it_prepares_leaves_nothing_behind(far: Path, near: Path, before: str) -> None:
    tree = made(near)
    if before == "occupied":
        occupied(far)
    found = told(far)
    port = LocalPort(far, cut=0)  # no answer comes, but that of what removes says nothing
    with pytest.raises(SourceError, match="cut"):
        await up(port, tree, ".")
    assert staged(far) == []
    assert told(far) == found


@pytest.mark.parametrize("kills", [True, False])
@pytest.mark.parametrize("before", ["nothing", "occupied"])
async def test_what_is_cut_in_the_middle_before_it_has_said_where_begins_again(
    far: Path, near: Path, before: str, *, kills: bool
) -> None:
    tree = made(near)
    (tree / "bigger").write_bytes(bytes(3_000_000))
    if before == "occupied":
        occupied(far)
    done = await up(LocalPort(far, cut=[0], cut_in=[1_000_000], kills=kills), tree, ".")
    found = told(far / "tree")
    assert {name: what for name, what in found.items() if "mine" not in name and ".hidden" not in name} == told(tree)
    assert done.cuts == 1
    assert staged(far) == []


@PROTOCOLS
@pytest.mark.parametrize("kills", [True, False])
@pytest.mark.parametrize("what", ["file", "tree"])
@pytest.mark.parametrize("before", ["nothing", "folder"])
async def test_a_small_one_that_is_cut_before_it_has_said_where_is_put_there_once(
    far: Path, near: Path, protocol: str, what: str, before: str, *, kills: bool
) -> None:
    (near / "tree").mkdir()
    (near / "tree" / "file").write_text("new")
    if before == "folder":
        (far / "there").mkdir()
    port = LocalPort(far, cut=[0], protocol=protocol, kills=kills)
    done = await up(port, near / "tree" / "file" if what == "file" else near / "tree", "there")
    top = "there" if before == "nothing" else f"there/{what}"
    expected = {top, *(["there"] if before == "folder" else []), *([f"{top}/file"] if what == "tree" else [])}
    assert set(told(far)) == expected
    assert (far / top / "file" if what == "tree" else far / top).read_text() == "new"
    assert done.cuts == 1


@pytest.mark.parametrize("heard", ["in", "into", "into mer"])
async def test_half_a_word_does_not_say_where(far: Path, near: Path, heard: str) -> None:
    (near / "tree").mkdir()
    (near / "tree" / "file").write_text("new")
    (far / "there" / "tree").mkdir(parents=True)
    done = await up(LocalPort(far, cut=[len(heard)]), near / "tree", "there")
    assert sorted(told(far)) == ["there", "there/tree", "there/tree/file"]
    assert done.cuts == 1


class _Unbegun:
    """A socket to a command that has not begun yet, and is cut once as much has come as is sent unheard."""

    protocol = V5

    def __init__(self, enough: int) -> None:
        self.given = bytearray()
        self.enough = enough
        self._come = asyncio.Event()

    async def send(self, *messages: Bytes | Outgoing) -> None:
        for channel, data in map(unpack, map(bytes, messages)):
            if channel == STDIN:
                self.given += data
        if len(self.given) >= self.enough:
            self._come.set()

    async def receive(self) -> bytes | None:
        await self._come.wait()
        raise CUT

    async def receive_all(self) -> Sequence[bytes]:
        await self._come.wait()
        raise CUT


class _Late:
    """A place whose first command begins long after its stream was cut."""

    def __init__(self, folder: Path, first: _Unbegun) -> None:
        self._place = LocalPort(folder)
        self._first = first
        self.late: list[str] = []

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[StreamSocket]:
        if self.late:
            async with self._place.socket(path, query, protocols) as socket:
                yield socket
        else:
            self.late = [value for name, value in query if name == "command"]
            yield self._first


@pytest.mark.parametrize("size", [3, 2 * MESSAGE_BYTES - 1600, 3 * MESSAGE_BYTES])
@pytest.mark.parametrize("what", ["file", "tree"])
async def test_one_that_is_begun_after_the_next_has_put_all_in_its_place_puts_it_nowhere(
    far: Path, near: Path, what: str, size: int
) -> None:
    """It would find a folder where there was nothing, and put all of it in there a second time."""
    (near / "tree").mkdir()
    (near / "tree" / "file").write_bytes(random.Random(5).randbytes(size))
    source = near / "tree" if what == "tree" else near / "tree" / "file"
    packing = plan(str(source), what)
    tar = packing.length(packing.numbers(0)) + len(closing_of(packing, f"{PREFIX}{'0' * 12}").tar)
    first = _Unbegun(len(fed(BEGIN)) + len("ends\n") + (tar - LAST) // MESSAGE_BYTES * MESSAGE_BYTES)
    port = _Late(far, first)
    await up(port, source, "there")
    assert len(first.given) == first.enough, "and no more"
    before = told(far)
    late = await asyncio.create_subprocess_exec(*port.late, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=far)
    said, _ = await late.communicate(bytes(first.given))
    assert said.startswith(b"into\n" if what == "tree" else b"as\n"), "it did begin"
    shutil.rmtree(staged(far)[0])
    assert told(far) == before


@PROTOCOLS
async def test_one_that_came_to_its_end_unheard_is_begun_again(far: Path, near: Path, protocol: str) -> None:
    """The folder is gone since all is in its place, or since the container is another: nobody knows."""
    tree = made(near)
    port = LocalPort(far, cut=[len("as\n")], protocol=protocol, kills=False)
    done = await up(port, tree, "there")
    assert done.cuts == 1
    assert told(far / "there") == told(tree)
    begun = [command[2] == FED.strip() and len(command[4:]) == 7 for command in port.commands]
    assert begun == [True, False, False, True], "all of it twice"
    assert staged(far) == []


async def test_where_it_goes_stays_known_over_several_beginnings(far: Path, near: Path) -> None:
    """First its folder is gone when it is to go on; then it is cut before it has said where it is."""
    (near / "f").write_bytes(b"x" * 3_000_000)
    (far / "into").mkdir()
    port = LocalPort(far, cut=[None, None, None, 0], cut_in=[1_500_000, 1_500_000])

    def tick(done: Copied) -> None:
        if done.waits and done.cuts == 1:
            for folder in staged(far):
                shutil.rmtree(folder)

    done = await up(port, near / "f", "into", tick)
    assert done.cuts == 2
    assert names(far) == ["into"]
    assert names(far / "into") == ["f"]


async def test_one_that_is_still_being_put_into_its_place_is_waited_for(far: Path, near: Path, tmp_path: Path) -> None:
    """As where it is copied to another disk there."""
    (near / "f").write_bytes(b"x" * 3_000_000)
    path = only(tmp_path / "bin", "sh", "tar", "mv", "rm", "mkdir", "cat", "wc", "sha256sum", "id", "chmod")
    (tmp_path / "bin" / "sleep").symlink_to(shutil.which("true") or "")
    seen: list[str] = []

    def tick(done: Copied) -> None:
        if done.waits:
            (stage,) = far.glob(f"{PREFIX}*")
            if seen:
                (stage / stage.name).unlink()
            else:
                (stage / stage.name).write_text(f"{os.getpid()}\n")
            seen.append(done.waits)

    done = await up(LocalPort(far, cut_in=[1_500_000], path=path), near / "f", "f", tick)
    assert seen == ["cut", "the command that was cut is still at work there"]
    assert done.cuts == 2
    assert (far / "f").stat().st_size == 3_000_000
    assert names(far) == ["f"]


async def test_a_container_that_was_replaced_is_given_all_of_it(far: Path, near: Path) -> None:
    (near / "f").write_bytes(b"x" * 3_000_000)
    (far / "f").write_text("old")

    def tick(done: Copied) -> None:
        if done.waits:
            for folder in staged(far):
                shutil.rmtree(folder)

    await up(LocalPort(far, cut_in=[1_500_000]), near / "f", "f", tick)
    assert (far / "f").stat().st_size == 3_000_000
    assert names(far) == ["f"]


@pytest.mark.parametrize("target", ["pipe", "tree"])
async def test_the_place_of_a_pipe_is_not_taken(far: Path, near: Path, target: str) -> None:
    (near / "tree").mkdir()
    (near / "tree" / "pipe").write_text("f")
    (far / "tree").mkdir()
    os.mkfifo(far / "pipe" if target == "pipe" else far / "tree" / "pipe")
    before = told(far)
    with pytest.raises(SourceError) as caught:
        await up(
            LocalPort(far),
            near / "tree" / "pipe" if target == "pipe" else near / "tree",
            "./pipe" if target == "pipe" else ".",
        )
    assert "pipe is neither a file nor a folder" in caught.value.problem.server_words
    assert told(far) == before


async def test_where_nothing_can_be_made_what_is_there_is_kept(far: Path, near: Path, tmp_path: Path) -> None:
    """tar alone would remove it first."""
    (near / "f").write_text("new")
    (far / "f").write_text("old")
    path = only(tmp_path / "bin", "sh", "tar", "mv", "rm")
    (tmp_path / "bin" / "mkdir").write_text("#!/bin/sh\necho 'mkdir: No space left on device' >&2\nexit 1\n")
    (tmp_path / "bin" / "mkdir").chmod(0o755)
    with pytest.raises(SourceError) as caught:
        await up(LocalPort(far, path=path), near / "f", "f")
    assert caught.value.problem.server_words == "mkdir: No space left on device"
    assert (far / "f").read_text() == "old"


@pytest.mark.parametrize("speaks", ["mkdir", "tar", "mv"])
@pytest.mark.parametrize("words", ["cannot write: No space left on device", "write error: Disk quota exceeded"])
async def test_a_disk_that_is_full_is_told_whoever_says_it(
    far: Path, near: Path, tmp_path: Path, speaks: str, words: str
) -> None:
    (near / "f").write_text("new")
    (far / "f").write_text("old")
    path = only(tmp_path / "bin", *{"sh", "tar", "mv", "rm", "mkdir", "cat", "wc"} - {speaks})
    (tmp_path / "bin" / speaks).write_text(f"#!/bin/sh\necho '{speaks}: {words}' >&2\nexit 1\n")
    (tmp_path / "bin" / speaks).chmod(0o755)
    with pytest.raises(SourceError, match="no room for it in the container: the space or the inodes") as caught:
        await up(LocalPort(far, path=path), near / "f", "f")
    assert caught.value.problem.server_words == f"{speaks}: {words}"
    shown = "kubectl exec -n default shop -c app -- sh -c 'df -h; df -i'"
    assert caught.value.problem.remedy.endswith(f": {shown}")
    assert (far / "f").read_text() == "old"
    assert names(far) == ["f"]


async def test_a_folder_in_the_way_of_a_file_is_left_alone(far: Path, near: Path) -> None:
    (near / "f").write_text("f")
    (far / "into" / "f").mkdir(parents=True)
    with pytest.raises(SourceError, match="Is a directory"):
        await up(LocalPort(far), near / "f", "into")
    assert names(far / "into") == ["f"]


async def test_a_container_with_tar_and_no_shell_is_given_it_as_kubectl_gives_it(
    far: Path, near: Path, tmp_path: Path
) -> None:
    tree = made(near)
    port = LocalPort(far, path=only(tmp_path / "bin", "tar", "test"))
    done = await up(port, tree, far)
    assert told(far / "tree") == told(tree)
    assert port.commands[1] == ["test", "-d", str(far)]
    assert port.commands[2][0] == "test"
    assert port.commands[3:] == [["tar", "-xmf", "-", "-C", str(far)]]
    sizes = {stat.st_ino: stat.st_size for path in tree.rglob("*") if S_ISREG((stat := path.lstat()).st_mode)}
    assert done.bytes == sum(sizes.values())


@pytest.mark.parametrize("target", ["pipe", "./pipe", "into", "-e"])
async def test_without_a_shell_the_place_of_a_pipe_is_not_taken_either(
    far: Path, near: Path, tmp_path: Path, target: str
) -> None:
    (near / "f").write_text("f")
    (far / "into").mkdir()
    for name in ("pipe", "into/f", "-e"):
        os.mkfifo(far / name)
    before = told(far)
    port = LocalPort(far, path=only(tmp_path / "bin", "tar", "test"))
    with pytest.raises(SourceError, match="is neither a file nor a folder in the container"):
        await up(port, near / "f", target)
    assert told(far) == before


@pytest.mark.parametrize("there", ["nothing", "a file", "a link to a pipe"])
async def test_without_a_shell_a_file_or_a_link_is_replaced(far: Path, near: Path, tmp_path: Path, there: str) -> None:
    (near / "f").write_text("new")
    os.mkfifo(far / "pipe")
    if there == "a file":
        (far / "f").write_text("old")
    if there == "a link to a pipe":
        (far / "f").symlink_to("pipe")
    await up(LocalPort(far, path=only(tmp_path / "bin", "tar", "test")), near / "f", "f")
    assert (far / "f").read_text() == "new"


async def test_a_container_without_test_is_given_it_all_the_same(far: Path, near: Path, tmp_path: Path) -> None:
    (near / "f").write_text("new")
    await up(LocalPort(far, path=only(tmp_path / "bin", "tar")), near / "f", "f")
    assert (far / "f").read_text() == "new"


class _Timed(Hurried):
    """For whom each look takes that long, in seconds."""

    def __init__(self, each: float) -> None:
        super().__init__()
        self._now, self._each = 0.0, each

    def monotonic(self) -> float:
        self._now += self._each
        return self._now


@pytest.mark.parametrize(("each", "most"), [(SOON / 2, TOGETHER), (2 * SOON, 1)])
async def test_progress_is_told_of_each_message_where_the_line_is_slow(
    far: Path, near: Path, each: float, most: int
) -> None:
    (near / "big").write_bytes(bytes(40 * MESSAGE_BYTES))
    told_of = [0]
    await upload(LocalPort(far), POD, str(near / "big"), "big", lambda done: told_of.append(done.bytes), _Timed(each))
    steps = [now - before for before, now in pairwise(told_of)]
    assert max(steps) == most * MESSAGE_BYTES
    assert steps[0] == MESSAGE_BYTES, "how fast it is is not known yet"


async def test_progress_is_a_part_of_what_is_sent_however_small_the_files_are(far: Path, near: Path) -> None:
    (near / "many").mkdir()
    for number in range(300):
        (near / "many" / str(number)).write_text("x")
    told_of: list[tuple[int, int | None]] = []
    done = await up(LocalPort(far), near / "many", far, lambda done: told_of.append((done.bytes, done.total)))
    totals = {total for _, total in told_of}
    assert len(totals) == 1
    (total,) = totals
    assert total is not None
    assert [sent for sent, _ in told_of] == sorted(sent for sent, _ in told_of)
    assert told_of[-1][0] == total > 300 * 512
    assert (done.files, done.bytes) == (300, 300)


@pytest.mark.parametrize("tar", ["as it is", "keeps no bits"])
async def test_bits_that_do_not_arrive_are_told(far: Path, near: Path, tmp_path: Path, tar: str) -> None:
    wanted = {"tree": 0o755, "tree/su": 0o4755, "tree/mail": 0o2775, "tree/tmp": 0o1777, "tree/both": 0o6711}
    for name in ("tree", "tree/mail", "tree/tmp"):
        (near / name).mkdir()
    for name in ("tree/su", "tree/both", "tree/mail/plain"):
        (near / name).write_text("x")
    for name, mode in wanted.items():
        (near / name).chmod(mode)
    path = os.environ["PATH"]
    if tar == "keeps no bits":
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "tar").write_text(f'#!/bin/sh\nexec {shutil.which("tar")} --no-same-permissions "$@"\n')
        (tmp_path / "bin" / "tar").chmod(0o755)
        path = f"{tmp_path / 'bin'}:{path}"
    done = await up(LocalPort(far, path=path), near / "tree", far)
    lacks = {name for name, mode in wanted.items() if mode & 0o7000 & ~(far / name).stat().st_mode}
    assert {words.partition(":")[0] for words in done.bits} == lacks
    if tar == "keeps no bits":
        assert sorted(words.partition(": tar")[0] for words in done.bits) == [
            "tree/both: without its setuid and setgid bits",
            "tree/mail: without its setgid bit",
            "tree/su: without its setuid bit",
            "tree/tmp: without its sticky bit",
        ]
    assert done.left_out == []


async def test_an_old_server_and_no_shell_is_told_in_place_of_waiting_for_ever(
    far: Path, near: Path, tmp_path: Path
) -> None:
    (near / "f").write_text("f")
    port = LocalPort(far, path=only(tmp_path / "bin", "tar", "test"), protocol=V4)
    with pytest.raises(SourceError, match="cannot say where a copy ends"):
        await up(port, near / "f", "f")
    assert names(far) == []


async def test_a_place_that_must_not_be_written_to_is_told_in_tars_words(far: Path, near: Path) -> None:
    (near / "f").write_text("f")
    with pytest.raises(SourceError, match="tar failed"):
        await up(LocalPort(far), near / "f", "nowhere/f")


@pytest.mark.parametrize("name", ["größe", "ключ " * 30, os.fsdecode(b"\xff\xfe"), "x" * 255])
def test_a_name_is_in_the_header_as_it_is_since_busybox_reads_no_other(near: Path, name: str) -> None:
    raw = os.fsencode(name)[:255].rstrip()
    (near / os.fsdecode(raw)).write_text("f")
    packing = plan(str(near / os.fsdecode(raw)), os.fsdecode(raw))
    tar = tar_of(packing)
    assert b"PaxHeader" not in tar
    long = len(raw) > 100
    assert tar[512:].startswith(raw + b"\0") if long else tar.startswith(raw + b"\0")
    assert tar[156:157] == (b"L" if long else b"0")
    assert len(tar) == packing.length(packing.numbers(0))
