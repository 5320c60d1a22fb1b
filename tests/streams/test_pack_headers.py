"""What a tar says of a file of this machine is what the standard library would say of it, had it no owner."""

from __future__ import annotations

import io
import os
import random
import socket
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.streams.tars import tar_of
from tui.streams.packheaders import Looking, header_length, header_of
from tui.streams.packing import plan

KINDS = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
NAMES = (
    "a",
    "ü" * 50,
    "ü" * 50 + "a",
    "n" * 99,
    "n" * 100,
    "n" * 101,
    "d/" * 120 + "end",
    "raw\udcff",
    " x ",
    "new\nline",
)
NUMBERS = (0, 1, 0o777_777, 8**11 - 1, 8**11, 2**40)
TIMES = (0, 0.5, 1_764_400_000.75, 8**11 - 1, 8**11 - 0.5, 8**11, -0.5, -1, -(2**33))
CASES = 4000


def test_a_header_is_the_librarys() -> None:
    rng = random.Random(7)
    short = 0
    for _ in range(CASES):
        info = tarfile.TarInfo(rng.choice(NAMES))
        info.type, info.linkname = rng.choice(KINDS), rng.choice(("", *NAMES))
        info.size, info.mtime = rng.choice(NUMBERS), rng.choice(TIMES)
        info.mode, info.devmajor = rng.randrange(1 << 16), rng.randrange(300)
        made = header_of(info)
        assert made == info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"), info.get_info()
        assert header_length(info) == len(made)
        short += len(made) == tarfile.BLOCKSIZE
    assert CASES / 10 < short < CASES * 9 / 10  # both forms were tried


@pytest.mark.parametrize("name", ["short", "long" * 40])
def test_bits_of_the_mode_are_set_besides(name: str) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, 0o40555
    read = tarfile.TarFile.open(fileobj=io.BytesIO(header_of(info, 0o700) + bytes(1024))).next()
    assert read is not None
    assert read.mode == 0o755
    assert info.mode == 0o40555


def test_a_file_is_described_as_by_the_library(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"12345")
    (tmp_path / "plain").chmod(0o640)
    os.utime(tmp_path / "plain", (1, 1_700_000_000.25))
    os.link(tmp_path / "plain", tmp_path / "second")
    os.link(tmp_path / "plain", tmp_path / "third")
    (tmp_path / "alone").write_bytes(b"")
    (tmp_path / "folder").mkdir(0o755)
    (tmp_path / "leads").symlink_to("plain")
    (tmp_path / "nowhere").symlink_to("/not/there")
    os.mkfifo(tmp_path / "pipe", 0o600)
    looking = Looking()
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as archive:
        for name in ("plain", "second", "third", "alone", "folder", "leads", "nowhere", "pipe", "plain"):
            expected = archive.gettarinfo(str(tmp_path / name), f"top/{name}")
            expected.uid = expected.gid = 0
            expected.uname = expected.gname = ""
            described = looking.describe(str(tmp_path / name), f"top/{name}")
            assert described is not None
            assert described.get_info() == expected.get_info()


def test_a_device_is_described_as_by_the_library() -> None:
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as archive:
        expected = archive.gettarinfo("/dev/null", "null")
    described = Looking().describe("/dev/null", "null")
    assert described is not None
    assert described.type == tarfile.CHRTYPE
    assert (described.devmajor, described.devminor) == (expected.devmajor, expected.devminor)


def test_a_socket_is_not_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert Looking().describe("socket", "socket") is None


def test_a_file_that_cannot_be_read_is_no_other_names_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"1")
    os.link(tmp_path / "a", tmp_path / "b")
    opened = os.open

    def refusing(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    packing = plan(str(tmp_path), "top")
    assert [(entry.info.name, entry.info.type) for entry in packing.entries] == [
        ("top", tarfile.DIRTYPE),
        ("top/b", tarfile.REGTYPE),
    ]
    assert packing.left_out == [f"{tmp_path}/a: Permission denied"]


def test_what_cannot_be_read_in_its_middle_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"1")
    packing = plan(str(tmp_path / "a"), "a")

    def failing(fd: int, buffers: Sequence[memoryview]) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "readv", failing)
    with pytest.raises(OSError, match="Input/output error") as caught:
        tar_of(packing)
    assert caught.value.filename == str(tmp_path / "a")


def test_a_tree_may_be_as_deep_as_a_path_is_long(tmp_path: Path) -> None:
    deep = str(tmp_path)
    for _ in range(1500):
        deep += "/d"
        os.mkdir(deep)
    try:
        assert len(plan(str(tmp_path), "top").entries) == 1501
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path)], check=True)  # Python would go as deep as it can
