"""What tar really writes is read, whatever its dialect; what no tar writes is refused before it costs anything, or left
out and named."""

from __future__ import annotations

import io
import os
import random
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.streams.localport import LocalPort
from tests.streams.test_copying import POD, Hurried, nothing, told
from tui.errors import SourceError
from tui.streams import tarheaders
from tui.streams.copying import download
from tui.streams.tarheaders import FOR_ALL, IN_A_ROW, LARGEST, MAPPED, RECORDS, RefusedError, check_records, opened
from tui.streams.unpacking import PART, Unpacked, unpack

BLOCK = tarfile.BLOCKSIZE


@pytest.fixture(params=["as here", "as in newer ones"], autouse=True)
def shape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How the library reads a header: from Python 3.13.13 on it calls its own methods by other names (gh-141707)."""
    if request.param == "as here" or hasattr(tarfile.TarInfo, "_frombuf"):
        return
    before: Any = tarfile.TarInfo.frombuf

    def of_bytes(
        cls: type[tarfile.TarInfo], buf: bytes, encoding: str, errors: str, *, dircheck: bool = True
    ) -> tarfile.TarInfo:
        return before.__func__(cls, buf, encoding, errors)

    def of_file(cls: Any, archive: Any, *, dircheck: bool = True) -> Any:
        entry = cls._frombuf(archive.fileobj.read(BLOCK), archive.encoding, archive.errors, dircheck=dircheck)
        entry.offset = archive.fileobj.tell() - BLOCK
        return entry._proc_member(archive)

    for name, method in {
        "_frombuf": of_bytes,
        "_fromtarfile": of_file,
        "frombuf": lambda cls, *given: cls._frombuf(*given),
        "fromtarfile": lambda cls, archive: cls._fromtarfile(archive),
    }.items():
        monkeypatch.setattr(tarfile.TarInfo, name, classmethod(method), raising=False)


class OneWay(io.BytesIO):
    """What a container sends: nobody goes back in it. most: the largest piece that was asked for."""

    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.most = max(self.most, size or 0)
        return super().read(size)

    def seek(self, place: int, whence: int = 0, /) -> int:
        if place < self.tell():
            raise tarfile.StreamError("back")
        return super().seek(min(place, len(self.getbuffer())), whence)


def header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, *, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info.tobuf(tarfile.GNU_FORMAT)


def block(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % BLOCK)


def record(keyword: bytes, value: bytes) -> bytes:
    rest = b" " + keyword + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def pax(fields: Mapping[str, bytes], kind: bytes = tarfile.XHDTYPE) -> bytes:
    content = b"".join(record(name.encode(), value) for name, value in fields.items())
    return header("pax", kind, len(content)) + block(content)


def file(name: str, content: bytes = b"abc") -> bytes:
    return header(name, size=len(content)) + block(content)


END = b"\0" * 2 * BLOCK


def read(folder: Path, archive: bytes) -> Unpacked:
    return unpack(OneWay(archive), str(folder), "t", lambda path, count: None)


# What tar writes -----------------------------------------------------------------------------------------------------


def tree(folder: Path) -> Path:
    top = folder / "tree"
    deep = top.joinpath(*(f"folder-with-a-long-name-{number}" * 4 for number in range(12)))
    deep.mkdir(parents=True)
    (deep / ("n" * 250)).write_text("deep")
    (deep / ("ü" * 127)).write_text("deep")
    (deep / ("7" * 255)).write_text("digits")
    (top / "link").symlink_to("/".join(["x" * 200] * 10))
    (top / "ünïcode ☃").write_text("u")
    (top / "plain").write_bytes(random.Random(1).randbytes(70_000))
    with open(top / "holes", "wb") as sparse:
        for number in range(200):
            sparse.seek(number * 100_000)
            sparse.write(b"x" * 5000)
        sparse.truncate(200 * 100_000)
    return top


@pytest.mark.parametrize(
    "dialect",
    [
        "--format=gnu",
        "--format=oldgnu",
        "--format=pax",
        "--format=posix",
        "--format=gnu --sparse",
        "--format=posix --sparse --sparse-version=0.0",
        "--format=posix --sparse --sparse-version=0.1",
        "--format=posix --sparse --sparse-version=1.0",
        "--format=posix --pax-option=globexthdr.name=g,comment=all-of-it",
        "--format=posix --xattrs --acls",
    ],
)
def test_what_gnu_tar_writes_is_read(tmp_path: Path, dialect: str) -> None:
    top = tree(tmp_path)
    if "--xattrs" in dialect:
        try:
            os.setxattr(top / "plain", "user.note", random.Random(2).randbytes(2000))
        except OSError:
            pytest.skip("this file system has no extended attributes")
    made = subprocess.run(
        ["tar", "cf", "-", *dialect.split(), "-C", str(tmp_path), "tree"], check=True, capture_output=True
    )
    (tmp_path / "here").mkdir()
    done = read(tmp_path / "here", made.stdout)
    assert done.left_out == []
    assert told(tmp_path / "here" / "t") == told(top)
    mine, theirs = (tmp_path / "here" / "t" / "plain").stat(), (top / "plain").stat()
    assert int(mine.st_mtime) == int(theirs.st_mtime)


FIELDS = (0, 100), (100, 8), (124, 12), (136, 12), (148, 8), (156, 1), (345, 155)
"""Name, mode, size, time of the last change, checksum, kind, and what stands before the name."""
WRITTEN = b"01237", b"01237", b" ", b"\0", b"8/", b"\x80\xff", b"-+_x", "ü☃".encode()


def rewritten(dice: random.Random) -> bytes:
    """A header in which something else stands for a part of one field; the checksum is mostly right all the same."""
    made = bytearray(header(dice.choice(("a", "ünïcode ☃", "n" * 100, "d/")), size=dice.choice((0, 7, 1 << 33))))
    place, size = dice.choice(FIELDS)
    begin = dice.randrange(size)
    for at in range(place + begin, place + dice.randrange(begin, size) + 1):
        made[at] = dice.choice(dice.choice(WRITTEN))
    if place != 148:
        made[148:156] = b"%06o\0 " % (sum(made) - sum(made[148:156]) + 8 * 32 + (dice.random() < 0.1))
    return bytes(made)


def said(buf: bytes, kind: type[tarfile.TarInfo]) -> tuple[object, ...] | str:
    try:
        entry = kind.frombuf(buf, "utf-8", "surrogateescape")
    except tarfile.TarError as exc:
        return type(exc).__name__
    return entry.name, entry.mode, entry.size, entry.mtime, entry.chksum, entry.type


def test_a_header_is_taken_for_what_the_library_takes_it_for() -> None:
    dice, results = random.Random(1), list[tuple[object, ...] | str]()
    with opened(OneWay(file("first"))) as headers:
        for _ in range(20_000):
            buf = rewritten(dice)
            results.append(said(buf, headers.archive.tarinfo))
            if results[-1] != "RefusedError":  # by its size, whatever it says else
                assert results[-1] == said(buf, tarfile.TarInfo), buf
    failed = [one for one in results if isinstance(one, str)]
    assert failed.count("RefusedError") < 2000
    assert 1000 < len(failed) < 19_000


def test_plain_files_are_read_without_the_library_and_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, begun = list[str](), list[bytes]()
    mine, count = tarheaders._plain, tarheaders.Headers.begun

    def telling(*given: Any) -> tarfile.TarInfo | None:
        if (entry := mine(*given)) is not None:
            plain.append(entry.name)
        return entry

    def counting(headers: tarheaders.Headers, kind: bytes, size: int) -> None:
        begun.append(kind)
        count(headers, kind, size)

    monkeypatch.setattr(tarheaders, "_plain", telling)
    monkeypatch.setattr(tarheaders.Headers, "begun", counting)
    archive = file("one") + header("d", tarfile.DIRTYPE) + file("n" * 300) + header("two", size=0) + END
    with opened(OneWay(archive)) as entries:
        assert [entry.name for entry in entries] == ["one", "d", "n" * 300, "two"]
    assert plain[0] == "one"
    assert plain[-1] == "two"
    assert "d" not in plain
    assert begun == [b"0", b"5", b"L", b"0", b"0"]


# What no tar writes --------------------------------------------------------------------------------------------------


KINDS = [tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path, kind: bytes) -> None:
    source = OneWay(file("t/first") + header("h", kind, 300 << 20) + b"x" * (1 << 20))
    with pytest.raises(RefusedError, match="314,572,800 bytes"):
        unpack(source, str(tmp_path), "t", lambda path, count: None)
    assert source.most <= BLOCK
    assert (tmp_path / "t" / "first").read_text() == "abc"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1" * LARGEST, "digits"),
        (b"1" * 300, "digits"),
        (record(b"path", b"1" * 256), "digits"),
        (b"2 " * 30_000, "row of records"),
        (b"1 " * 30_000, "row of records"),
        (b"0 a=\n", "row of records"),
        (b"6 a=b\n7", "row of records"),
        (b"600 a=b\n", "row of records"),
        (b"5 a=b", "row of records"),
        (b"111111111111111111111 a=b\n", "row of records"),
        (b"-6 a=b\n", "row of records"),
        (b"7 abcd\n", "no value"),
        (b"".join(record(b"k%d" % number, b"") for number in range(RECORDS + 1)), "records"),
    ],
    ids=range(13),
)
def test_a_pax_header_that_is_none_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        read(tmp_path, header("h", tarfile.XHDTYPE, len(content)) + block(content) + file("t/f") + END)


def test_as_many_records_and_digits_as_are_taken() -> None:
    check_records(b"".join(record(b"k%d" % number, b"") for number in range(RECORDS)) + b"\0" * 100)
    check_records(record(b"path", b"/".join([b"1" * 255] * 16)))
    check_records(b"")


def test_headers_in_a_row_are_counted(tmp_path: Path) -> None:
    one = pax({"comment": b"x"})
    done = read(tmp_path, (one * IN_A_ROW + file("t/f")) * 3 + END)
    assert done.files == 3
    with pytest.raises(RefusedError, match="describe one entry"):
        read(tmp_path, one * 10_000 + file("t/f") + END)


def test_headers_for_all_entries_are_counted(tmp_path: Path) -> None:
    one = pax({"comment": b"x"}, tarfile.XGLTYPE) + file("t/f")
    assert read(tmp_path, one * FOR_ALL + END).files == FOR_ALL
    with pytest.raises(RefusedError, match="global"):
        read(tmp_path, one * (FOR_ALL + 1) + END)


def test_a_map_of_holes_without_end_is_refused(tmp_path: Path) -> None:
    sparse = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.realsize": b"9"}
    numbers = b"99999999\n" + b"0\n" * MAPPED
    with pytest.raises(RefusedError, match="describe one entry"):
        read(tmp_path, pax(sparse) + header("t/f", size=len(numbers)) + block(numbers) + END)


@pytest.mark.parametrize("numbers", [b"5,3,0,2", b"0,2,1,2", b"0,-1", b"0,99", b"-4,2", b"3,99999999999999999999"])
def test_holes_that_cannot_be(tmp_path: Path, numbers: bytes) -> None:
    sparse = {"GNU.sparse.map": numbers, "GNU.sparse.size": b"9"}
    done = read(tmp_path, pax(sparse) + file("t/f") + file("t/g") + END)
    assert done.left_out == ["t/f: where its holes are cannot be made out"]
    assert os.listdir(tmp_path / "t") == ["g"]


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    sparse = {"GNU.sparse.map": b"0,3", "GNU.sparse.size": str(1 << 30).encode()}
    read(tmp_path, pax(sparse) + file("t/f") + END)
    made = (tmp_path / "t" / "f").stat()
    assert made.st_size == 1 << 30
    assert made.st_blocks * 512 < 1 << 20


@pytest.mark.parametrize("mtime", [b"inf", b"-inf", b"nan", b"1e30", b"-1e30", b"1e999", b"9e18", b"x", b"\xff"])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_a_time_that_no_file_can_have_is_dropped(tmp_path: Path, mtime: bytes, kind: bytes) -> None:
    entry = file("t/f") if kind == tarfile.REGTYPE else header("t/f", kind)
    done = read(tmp_path, pax({"mtime": mtime}) + entry + file("t/g") + END)
    assert done.left_out == []
    assert sorted(os.listdir(tmp_path / "t")) == ["f", "g"]


LONG = b"n" * 300
BAD = {
    "name too long": pax({"path": b"t/" + LONG}) + file("t/f"),
    "folder too long": pax({"path": b"t/" + LONG + b"/f"}) + file("t/f"),
    "folder's own name too long": pax({"path": b"t/" + LONG}) + header("t/f", tarfile.DIRTYPE),
    "zero in the name": pax({"path": b"t/a\0b"}) + file("t/f"),
    "zero in a link": pax({"linkpath": b"a\0b"}) + header("t/f", tarfile.SYMTYPE, link="a"),
    "empty link": pax({"linkpath": b""}) + header("t/f", tarfile.SYMTYPE, link="a"),
    "link too long": pax({"linkpath": b"x/" * 2500}) + header("t/f", tarfile.SYMTYPE, link="a"),
    "zero in a second name": pax({"linkpath": b"t/a\0b"}) + header("t/f", tarfile.LNKTYPE, link="t/a"),
    "second name too long": pax({"linkpath": b"t/" + LONG}) + header("t/f", tarfile.LNKTYPE, link="t/a"),
    "second name of a folder": header("t/f", tarfile.LNKTYPE, link="t/d"),
    "second name of itself": header("t/f", tarfile.LNKTYPE, link="t/f"),
    "larger than any file": pax({"GNU.sparse.map": b"0,3", "GNU.sparse.size": b"9" * 30}) + file("t/f"),
    "larger than files here": pax({"GNU.sparse.map": b"0,3", "GNU.sparse.size": b"9" * 18}) + file("t/f"),
}


@pytest.mark.parametrize("bad", BAD)
def test_an_entry_that_cannot_be_written_is_left_out_and_the_others_come(tmp_path: Path, bad: str) -> None:
    folders = header("t", tarfile.DIRTYPE) + header("t/d", tarfile.DIRTYPE)
    done = read(tmp_path, folders + BAD[bad] + file("t/g") + END)
    assert len(done.left_out) == 1
    assert "\0" not in done.left_out[0] or "zero" in bad
    assert len(done.left_out[0]) < 600
    assert sorted(os.listdir(tmp_path / "t")) == ["d", "g"]


def test_what_is_there_stays_where_a_link_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    for bad in ("zero in a link", "empty link", "link too long", "second name too long"):
        (tmp_path / "t" / "f").write_text("mine")
        read(tmp_path, BAD[bad] + END)
        assert (tmp_path / "t" / "f").read_text() == "mine"


# Dice ----------------------------------------------------------------------------------------------------------------


VALUES = (b"inf", b"nan", b"1e30", b"-5", b"9" * 19, b"9" * 200, b"", b"\0", b"a\0b", b"..", b"/", b"\xff\xfe", LONG)
KEYS = (
    *("path", "linkpath", "size", "mtime", "uid", "gname", "hdrcharset", "GNU.sparse.map", "GNU.sparse.size"),
    *("GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.realsize", "GNU.sparse.name", "GNU.sparse.offset"),
)
TYPES = (*KINDS, *(b"%d" % number for number in range(8)), tarfile.GNUTYPE_SPARSE, b"\0", b"V", b"z")


def thrown(dice: random.Random) -> bytes:
    """An archive of headers whose checksums are right, and whose fields are anything."""
    parts: list[bytes] = []
    for number in range(dice.randrange(1, 8)):
        fields = {dice.choice(KEYS): dice.choice((*VALUES, b"1", b"0", b"0,3", dice.randbytes(5))) for _ in range(3)}
        if dice.random() < 0.6:
            parts.append(pax(fields, dice.choice(KINDS[:3])))
        size = dice.choice((0, 3, 600, LARGEST + 1))
        name = dice.choice((f"t/{number}", "t", "t/0/x", "", "t/" + "n" * 90))
        made = bytearray(header(name, dice.choice(TYPES), size, link=dice.choice(("t/0", "..", "0", ""))))
        for _ in range(dice.randrange(4)):
            begin, end = dice.choice(((0, 100), (100, 124), (124, 136), (136, 148), (157, 257), (257, 512), (386, 512)))
            place = dice.randrange(begin, end)
            made[place : min(end, place + 4)] = dice.choice((b"\xff" * 4, b"\x80\0\0\0", b"7777", dice.randbytes(4)))
            del made[BLOCK:]
        made[148:156] = b" " * 8
        made[148:156] = b"%06o\0 " % sum(made)
        parts.append(bytes(made) + block(dice.choice((b"x" * size, b"1" * size, b"0\n" * (size // 2)))))
    return b"".join(parts) + END


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_headers_say_it_ends_well(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(25):
        folder = tmp_path / str(number) / "in"
        folder.mkdir(parents=True)
        try:
            read(folder, thrown(dice))
        except tarfile.TarError:
            pass
        assert os.listdir(folder.parent) == ["in"]
        assert set(os.listdir(folder)) <= {"t"}
        assert not list(folder.rglob(f"*{PART}"))


# The whole way -------------------------------------------------------------------------------------------------------


async def test_a_hostile_tar_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "near").mkdir()
    archive = file("f/ok") + header("h", tarfile.XHDTYPE, 300 << 20)
    (tmp_path / "archive").write_bytes(archive)
    script = tmp_path / "bin" / "tar"
    script.write_text(f"#!/bin/sh\nexec cat {tmp_path / 'archive'} /dev/zero\n")
    script.chmod(0o755)
    port = LocalPort(tmp_path, path=f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(SourceError, match="not read to its end: a PAX header of 314,572,800 bytes") as caught:
        await download(port, POD, "f", str(tmp_path / "near"), nothing, Hurried())
    assert "no tar writes such headers" in caught.value.problem.remedy
    assert (tmp_path / "near" / "f" / "ok").read_text() == "abc"
