"""What happens to the folders of a copy while it is being written: nothing goes elsewhere, and no folder is lost."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.streams.folders import OutsideError, Root
from tui.streams.unpacking import CHUNK, Unpacked, unpack

Meanwhile = Callable[[Path, Path], None]


def move(there: Path, elsewhere: Path) -> None:
    there.rename(elsewhere)


def move_and_link(there: Path, elsewhere: Path) -> None:
    there.rename(elsewhere)
    there.symlink_to(elsewhere)


def remove(there: Path, elsewhere: Path) -> None:
    shutil.rmtree(there)


def archive(*files: str, size: int = 4, linked: str = "") -> io.BytesIO:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as writing:
        for name in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode = size, 0o644
            writing.addfile(info, io.BytesIO(bytes(size)))
        if linked:
            info = tarfile.TarInfo(linked)
            info.type, info.linkname = tarfile.LNKTYPE, files[0]
            writing.addfile(info)
    held.seek(0)
    return held


def unpacked(folder: Path, held: io.BytesIO, meanwhile: Callable[[], object], before: str) -> Unpacked:
    """meanwhile: happens once `before` has been read, which is when the source is asked for what is behind it."""
    place = held.getvalue().find(before.encode())

    class Source(io.BytesIO):
        happened = False

        def read(self, size: int | None = -1, /) -> bytes:
            if not self.happened and self.tell() == place:
                self.happened = True
                meanwhile()
            return super().read(size)

    source = Source(held.getvalue())
    done = unpack(source, str(folder), "t", lambda path, count: None)
    assert source.happened
    return done


@pytest.mark.parametrize("happens", [move, remove])
def test_a_folder_that_has_gone_meanwhile_is_made_again(tmp_path: Path, happens: Meanwhile) -> None:
    there = tmp_path / "t" / "a"
    done = unpacked(
        tmp_path, archive("t/a/1", "t/a/2", "t/a/3"), lambda: happens(there, tmp_path / "elsewhere"), "t/a/2"
    )
    assert not done.left_out
    assert sorted(os.listdir(there)) == ["2", "3"]
    if happens is move:
        assert os.listdir(tmp_path / "elsewhere") == ["1"]


@pytest.mark.parametrize("moved", ["t/a", "t"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path, moved: str) -> None:
    held = archive("t/a/1", "t/a/2", "t/a/3")
    done = unpacked(tmp_path, held, lambda: move_and_link(tmp_path / moved, tmp_path / "elsewhere"), "t/a/2")
    assert len(done.left_out) == 2
    assert "link" in done.left_out[0]
    assert [file.name for file in (tmp_path / "elsewhere").rglob("*") if file.is_file()] == ["1"]


def test_a_second_name_finds_its_folder_again(tmp_path: Path) -> None:
    held = archive("t/k/1", "t/a/2", linked="t/a/3")
    done = unpacked(tmp_path, held, lambda: shutil.rmtree(tmp_path / "t" / "a"), "t/a/3")
    assert not done.left_out
    assert os.path.samefile(tmp_path / "t" / "a" / "3", tmp_path / "t" / "k" / "1")


def test_what_has_come_while_a_big_file_was_written_stays(tmp_path: Path) -> None:
    def tick(path: str, count: int) -> None:
        if not (tmp_path / "t").exists():
            os.mkfifo(tmp_path / "t")

    done = unpack(archive("t", size=CHUNK + 1), str(tmp_path), "t", tick)
    assert "in the way" in done.left_out[0]
    assert stat.S_ISFIFO((tmp_path / "t").lstat().st_mode)
    assert os.listdir(tmp_path) == ["t"]


def test_folders_are_opened_once_and_closed_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = os.listdir("/dev/fd")
    root = Root(os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY))
    held = root.folder(["a", "b"])
    assert root.folder(["a", "b"]) == held
    root.folder(["a", "c"])
    with pytest.raises(OutsideError):
        root.folder(["file", "b"])
    assert root.folder([]) == root.fd
    root.close()
    assert os.listdir("/dev/fd") == before
    assert sorted(os.listdir(tmp_path / "a")) == ["b", "c"]
