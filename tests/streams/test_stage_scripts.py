"""The scripts of a staged copy, by the shells of this machine: at work twice at a time, after one that died, and where
something is in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.streams.tars import tar_of
from tests.streams.test_copying import told
from tui.streams.packing import Packing, closing_of, plan
from tui.streams.stagescripts import (
    APPEND,
    AT_WORK,
    BEGIN,
    BEGUN,
    CLAIM,
    DISCARD,
    FED,
    GO_ON,
    HELD,
    LACKING,
    fed,
)

SHELLS = [found for name in ("dash", "bash", "busybox", "mksh") if (found := shutil.which(name))]
TOOLS = ("mv", "rm", "tar", "cat", "head", "wc", "mkdir", "chmod")


@pytest.fixture(params=SHELLS, ids=os.path.basename)
def shell(request: pytest.FixtureRequest) -> list[str]:
    return [request.param, "sh"] if request.param.endswith("busybox") else [request.param]


@pytest.fixture
def hurried(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody sleeps."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, called in [*((tool, tool) for tool in TOOLS), ("true", "sleep")]:
        found = shutil.which(name)
        assert found is not None
        (folder / called).symlink_to(found)
    return {"PATH": str(folder)}


@pytest.fixture
def somebody() -> Iterator[int]:
    """The number of a process that lives."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def nobody() -> int:
    """The number of a process that has died."""
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def start(shell: list[str], script: str, *arguments: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [*shell, "-c", script.strip(), "sh", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)


def run(
    shell: list[str], script: str, *arguments: str, environment: dict[str, str], typed: bytes = b""
) -> tuple[int, str]:
    process = start(shell, script, *arguments, environment=environment)
    _, said = process.communicate(typed, timeout=60)
    return process.returncode, said.decode()


def landing(stage: Path, number: int = 0) -> tuple[str, ...]:
    """Arguments of who goes on with a staged "tree"."""
    return (str(stage), str(stage.parent.parent), "tree", "tree", "0", str(number))


def the_end(stage: Path) -> bytes:
    """What it is given: all but the last entry is there."""
    return b"ends\n" + tar_of(Packing(), closing=closing_of(Packing(), stage.name))


def staged(target: Path, files: int) -> Path:
    """A folder "tree", staged in one of its name that is there."""
    stage = target / "tree" / ".staged"
    for number in range(files):
        file = stage / "tree" / f"d{number % 7}" / f"f{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"new {number}")
        there = target / "tree" / f"d{number % 7}" / f"f{number}"
        there.parent.mkdir(exist_ok=True)
        there.write_text("old")
    return stage


def turn_of(stage: Path) -> Path:
    return stage / stage.name


def test_of_several_at_work_at_a_time_one_does_it(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 300)
    (Path(hurried["PATH"]) / "sleep").unlink()
    (Path(hurried["PATH"]) / "sleep").symlink_to(shutil.which("sleep") or "")
    processes = [start(shell, GO_ON, *landing(stage), environment=hurried) for _ in range(6)]
    ended = [(process.communicate(the_end(stage), timeout=60)[1], process.returncode) for process in processes]
    assert [code for _, code in ended].count(0) == 1
    assert not stage.exists()
    files = [file for file in (tmp_path / "tree").rglob("*") if file.is_file()]
    assert len(files) == 300
    assert {file.read_text() for file in files} == {f"new {number}" for number in range(300)}


def test_one_that_died_keeps_nobody_out(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    turn_of(stage).write_text(f"{nobody()}\n")
    assert run(shell, GO_ON, *landing(stage), environment=hurried, typed=the_end(stage)) == (0, "")
    assert not stage.exists()
    assert (tmp_path / "tree" / "d0" / "f0").read_text() == "new 0"


@pytest.mark.parametrize("holder", ["lives", "has not written its number yet"])
def test_nothing_is_moved_or_removed_under_one_at_work(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], somebody: int, holder: str
) -> None:
    stage = staged(tmp_path, 3)
    turn_of(stage).write_text(f"{somebody}\n" if holder == "lives" else "")
    (stage / f"{stage.name}.end").touch()
    before = told(tmp_path / "tree")
    full = "" if holder == "lives" else "No space left on device, or "
    busy = (1, f"{stage}: {full}another command is at work on it\n")
    assert run(shell, GO_ON, *landing(stage), environment=hurried, typed=the_end(stage)) == busy
    code = AT_WORK if holder == "lives" else 1
    assert run(shell, CLAIM, str(stage), "1", environment=hurried) == (code, busy[1])
    if holder == "lives":
        assert run(shell, DISCARD, str(stage), environment=hurried)[0] == 1
    assert told(tmp_path / "tree") == before


def test_what_fills_a_disk_is_removed(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    """There a turn is made and its number not written."""
    stage = staged(tmp_path, 3)
    turn_of(stage).touch()
    assert run(shell, DISCARD, str(stage), environment=hurried) == (0, "")
    assert not stage.exists()


def test_what_still_comes_to_one_that_was_cut_spoils_nothing(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    """Its tar would put half a file in the place of one that has come whole meanwhile."""
    near, far = tmp_path / "near" / "tree", tmp_path / "far"
    near.mkdir(parents=True)
    far.mkdir()
    for name, size in (("a", 3000), ("b", 600_000), ("c", 3000), ("d", 400_000)):
        (near / name).write_bytes(name.encode() * size)
    packing = plan(str(near), "tree")
    closing = closing_of(packing, ".unused")
    whole, rest = (
        tar_of(packing, numbers, closing)
        for numbers in (packing.numbers(0), packing.numbers(2))  # from "b" on
    )
    arguments = (str(far), "tree", str(tmp_path), "far", ".unused", "folder", str(closing.size))
    stage = far / ".unused"
    with start(shell, BEGIN, *arguments, environment=hurried) as cut:
        assert cut.stdin is not None
        cut.stdin.write(b"ends\n" + whole[:200_000])
        cut.stdin.flush()
        waited_for(lambda: (stage / "tree" / "b").exists() and (stage / "tree" / "b").stat().st_size > 100_000)
        assert run(shell, CLAIM, str(stage), "1", environment=hurried) == (0, "")
        going_on = (str(stage), str(far), "tree", "tree", str(closing.size), "1")
        with start(shell, GO_ON, *going_on, environment=hurried) as other:
            assert other.stdin is not None
            sent = len(rest) - len(closing.tar) - 1024
            other.stdin.write(b"ends\n" + rest[:sent])
            other.stdin.flush()
            waited_for(lambda: (stage / "tree" / "d").exists() and (stage / "tree" / "d").stat().st_size > 380_000)
            with suppress(BrokenPipeError):  # nobody is there any more who would take it
                cut.stdin.write(whole[200_000 : packing.entries[3].begin + 512 + 1000])
                cut.stdin.flush()
            with suppress(BrokenPipeError):
                cut.stdin.close()
            assert cut.wait(20) != 0
            other.stdin.write(rest[sent:])
            other.stdin.close()
            assert other.wait(20) == 0
    assert told(far / "tree") == told(near)


def test_one_that_was_cut_and_begins_after_a_claim_writes_nothing(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    stage = staged(tmp_path, 3)
    before = told(stage / "tree")
    assert run(shell, CLAIM, str(stage), "2", environment=hurried) == (0, "")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tree").mkdir()
    (tmp_path / "other" / "tree" / "spoilt").write_text("late")
    packing = plan(str(tmp_path / "other" / "tree"), "tree")
    tar = tar_of(packing)
    code, said = run(shell, GO_ON, *landing(stage, 1), environment=hurried, typed=b"ends\n" + tar)
    assert code != 0
    assert "another command goes on with it" in said
    file = stage / "tree" / "d0" / "f0"
    appended = (str(file), "644", str(stage), "1")
    assert run(shell, APPEND, *appended, environment=hurried, typed=b"ends\nlate") == (1, "")
    assert told(stage / "tree") == before
    assert run(shell, APPEND, *appended[:3], "2", environment=dict(os.environ), typed=b"ends\n more")[0] == 0
    assert file.read_text() == "new 0 more"


def waited_for(there: Callable[[], bool]) -> None:
    for _ in range(2000):
        if there():
            return
        time.sleep(0.01)
    raise AssertionError("it has not come")


def test_what_had_come_before_a_claim_is_not_enough_after_it(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    """Who goes on may be cut at the border of two entries."""
    stage = staged(tmp_path, 3)
    (stage / f"{stage.name}.end").touch()
    before = told(tmp_path / "tree" / "d0")
    assert run(shell, CLAIM, str(stage), "1", environment=hurried) == (0, "")
    cut = b"ends\n" + tar_of(Packing())
    assert run(shell, GO_ON, *landing(stage, 1), environment=hurried, typed=cut)[0] == 1
    assert told(tmp_path / "tree" / "d0") == before


@pytest.mark.parametrize("lacks", ["mv", "rm"])
def test_nothing_is_begun_that_cannot_be_ended(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], lacks: str
) -> None:
    if shell[0].endswith("busybox"):
        pytest.skip("a busybox has its own")
    (Path(hurried["PATH"]) / lacks).unlink()
    (tmp_path / "far").mkdir()
    arguments = (str(tmp_path / "far"), "f", "/", "x", ".unused", "file", "0")
    assert run(shell, BEGIN, *arguments, environment=hurried, typed=b"ends\n")[0] != 0
    assert told(tmp_path / "far") == {}


def test_who_is_cut_before_the_first_line_begins_nothing(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    (tmp_path / "far").mkdir()
    arguments = (str(tmp_path / "far"), "f", "/", "x", ".unused", "file", "0")
    assert run(shell, BEGIN, *arguments, environment=hurried)[0] != 0
    assert told(tmp_path / "far") == {}


def test_one_that_was_cut_moves_nothing_once_another_goes_on(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    stage = staged(tmp_path, 3)
    assert run(shell, CLAIM, str(stage), "1", environment=hurried) == (0, "")
    before = told(tmp_path / "tree" / "d0")
    code, said = run(shell, GO_ON, *landing(stage, 0), environment=hurried, typed=the_end(stage))
    assert (code, said) == (1, "another command goes on with it\n")
    assert told(tmp_path / "tree" / "d0") == before
    assert run(shell, GO_ON, *landing(stage, 1), environment=hurried, typed=the_end(stage)) == (0, "")
    assert not stage.exists()


def test_one_folder_by_several_names_is_removed(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    several = (str(stage), f"{tmp_path}/./tree/.staged", str(tmp_path / "nowhere" / ".staged"))
    assert run(shell, DISCARD, *several, environment=hurried) == (0, "")
    assert not stage.exists()


def test_a_folder_in_the_way_stops_it_before_anything_is_moved(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    stage = staged(tmp_path, 20)
    inner = tmp_path / "tree" / "d6" / "f13"
    inner.unlink()
    (inner / "kept").mkdir(parents=True)
    (stage / f"{stage.name}.end").touch()
    before = told(tmp_path)
    code, said = run(shell, GO_ON, *landing(stage), environment=hurried, typed=the_end(stage))
    assert (code, said) == (1, f"{inner}: Is a directory\n")
    assert told(tmp_path) == before


def test_links_are_replaced_and_not_gone_through(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "f").write_text("not ours")
    tree = tmp_path / "tree"
    (tree / "d0" / "f0").unlink()
    (tree / "d0" / "f0").symlink_to(tmp_path / "outside")
    (tree / "d1" / "f1").unlink()
    (tree / "d1" / "f1").symlink_to(tmp_path / "outside" / "f")
    shutil.rmtree(tree / "d2")
    (tree / "d2").symlink_to(tmp_path / "outside")
    assert run(shell, GO_ON, *landing(stage), environment=hurried, typed=the_end(stage)) == (0, "")
    assert told(tmp_path / "outside") == {"f": told(tmp_path / "outside")["f"]}
    assert (tmp_path / "outside" / "f").read_text() == "not ours"
    assert [(tree / f"d{n}" / f"f{n}").read_text() for n in range(3)] == ["new 0", "new 1", "new 2"]
    assert not any((tree / name).is_symlink() for name in ("d0/f0", "d1/f1", "d2"))


@pytest.mark.parametrize("end", ["ends", "goes on"])
@pytest.mark.parametrize("before", ["nothing", "merged"])
def test_what_is_cut_anywhere_moves_nothing(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], end: str, before: str
) -> None:
    """Also at the border of two entries, which tar takes for the end."""
    near, far = tmp_path / "near" / "tree", tmp_path / "far"
    near.mkdir(parents=True)
    for name in "abc":
        (near / name).write_text(f"new {name}")
    (near / "closed").mkdir()
    (near / "closed").chmod(0o511)
    far.mkdir()
    if before == "merged":
        (far / "tree").mkdir()
        (far / "tree" / "b").write_text("old")
    there = told(far)
    packing = plan(str(near), "tree")
    closing = closing_of(packing, ".unused")
    tar = tar_of(packing, closing=closing)
    first = b"ends\n" if end == "ends" else b"%d\n" % len(tar)
    arguments = (str(far), "tree", str(tmp_path), "far", ".unused", "folder", str(closing.size))
    needed = len(tar) - 1024  # without the zeros that end a tar it is whole too
    for length in [*range(0, needed, 256), needed - 1]:
        code, _ = run(shell, BEGIN, *arguments, environment=hurried, typed=first + tar[:length])
        assert code != 0, length
        assert run(shell, DISCARD, f"{far}/.unused", f"{far}/tree/.unused", environment=hurried) == (0, "")
        assert told(far) == there, length
    assert run(shell, BEGIN, *arguments, environment=hurried, typed=first + tar) == (0, "")
    assert told(far / "tree") == told(near)


def test_a_script_is_fed_and_runs_only_where_all_of_it_has_come(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    near, far = tmp_path / "near" / "tree", tmp_path / "far"
    near.mkdir(parents=True)
    far.mkdir()
    (near / "a").write_text("new")
    packing = plan(str(near), "tree")
    closing = closing_of(packing, ".unused")
    tar = tar_of(packing, closing=closing)
    arguments = (str(far), "tree", str(tmp_path), "far", ".unused", "folder", str(closing.size))
    script = fed(BEGIN)
    for length in range(0, len(script) - 2, 97):
        assert run(shell, FED, *arguments, environment=hurried, typed=script[:length]) == (1, "")
        assert list(far.iterdir()) == []
    assert run(shell, FED, *arguments, environment=hurried, typed=script + b"%d\n" % len(tar) + tar) == (0, "")
    assert told(far / "tree") == told(near)


@pytest.mark.parametrize("script", [BEGIN, GO_ON])
def test_no_line_of_what_is_fed_ends_it(script: str) -> None:
    assert "." not in script.strip().split("\n")


def test_what_stands_in_an_address_is_short() -> None:
    """nginx, the proxy that one meets most, takes 8 KiB, in which a path of the longest kind must find room too."""
    for script in (FED, CLAIM, DISCARD, HELD, APPEND, LACKING, BEGUN):
        assert len(quote(script)) < 2560


def test_a_staging_folder_is_never_one_that_is_there(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    (tmp_path / ".unused").mkdir()
    arguments = (str(tmp_path), "f", "/", "x", ".unused", "file", "0")
    assert run(shell, BEGIN, *arguments, environment=hurried, typed=b"ends\n")[0] != 0
