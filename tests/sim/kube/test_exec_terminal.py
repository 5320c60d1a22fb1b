"""exec with a terminal: its size, its keys, and the shell behind it."""

from __future__ import annotations

import shutil

import pytest

from tests.sim.kube.conftest import Api
from tests.sim.kube.exec_client import ended, hear, query, run_pod, talking
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.streams.talk import Sizes
from tui.wire.channels import RESIZE, STDERR

SHELL = query("bash", "--norc", stdin=True, tty=True)
PROMPT = b"p # "


@pytest.fixture(autouse=True)
def pod(cluster: KubeCluster) -> None:
    run_pod(cluster)


async def test_a_shell_with_a_prompt_a_size_and_an_end(api: Api):
    async with talking(api, SHELL) as talk:
        await talk.resize(100, 30)
        await talk.until(PROMPT)
        await talk.say(b"stty size\n")
        await talk.until(b"30 100\r\n")
        await talk.resize(81, 25)
        await talk.say(b"stty size; echo $TERM; tty; exit 3\n")
        heard = await talk.rest()
    assert b"25 81\r\nxterm\r\n/dev/pts/" in heard.out
    assert heard.on(STDERR) == b""
    assert heard.exit_code == 3


async def test_what_starts_finds_the_first_size(api: Api):
    async with talking(api, query("stty", "size", stdin=True, tty=True)) as talk:
        await talk.resize(123, 45)
        assert (await talk.rest()).out == b"45 123\r\n"


async def test_a_change_of_size_is_told_to_what_runs(api: Api):
    script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"
    async with talking(api, query("bash", "-c", script, stdin=True, tty=True)) as talk:
        await talk.resize(100, 30)
        await talk.until(b"ready")
        await talk.resize(90, 20)
        await talk.until(b"20 90\r\n")


async def test_interrupt_end_and_stop_reach_what_is_in_front(api: Api):
    async with talking(api, SHELL) as talk:
        await talk.until(PROMPT)
        await talk.say(b"sh -c 'echo one; exec sleep 1000'\n")
        await talk.until(b"\rone\r\n")  # it is in front
        await talk.say(b"\x03")
        await talk.until(PROMPT, after=b"^C")
        await talk.say(b"echo code $?\n")
        await talk.until(PROMPT, after=b"code 130\r\n")
        await talk.say(b"sh -c 'echo two; exec wc -c'\n")
        await talk.until(b"\rtwo\r\n")
        await talk.say(b"abc\n\x04")
        await talk.until(PROMPT, after=b"\r\n4\r\n")
        await talk.say(b"sh -c 'echo three; exec sleep 1000'\n")
        await talk.until(b"\rthree\r\n")
        await talk.say(b"\x1a")
        await talk.until(PROMPT, after=b"Stopped")
        await talk.say(b"kill -9 %1; exec true\n")
        assert (await talk.rest()).exit_code == 0


async def test_ctrl_d_ends_the_shell(api: Api):
    async with talking(api, SHELL) as talk:
        await talk.until(PROMPT)
        await talk.say(b"\x04")
        assert (await talk.rest()).exit_code == 0


async def test_a_long_paste_arrives_whole(api: Api):
    line = b"0123456789abcdef" * 16 + b"\n"
    async with talking(api, query("sh", "-c", "stty -echo; echo ready; exec md5sum", stdin=True, tty=True)) as talk:
        await talk.until(b"ready")
        for _ in range(400):
            await talk.say(line)
        await talk.say(b"\x04")
        heard = await talk.rest()
    async with talking(api, query("md5sum", stdin=True)) as talk:
        await talk.say(line * 400)
        await talk.half_close()
        assert (await talk.rest()).out in heard.out.replace(b"\r", b"")


async def test_everything_dies_with_the_terminal(api: Api):
    async with talking(api, SHELL) as talk:
        await talk.until(PROMPT)
        await talk.say(b"(trap '' HUP; exec sleep 1000) & echo pid=$!=\n")
        await talk.until(b"\npid=")
        said = await talk.until(b"=\r\n", after=b"\npid=")
        number = int(said.partition(b"=")[0])
    await ended(number)


async def test_without_stdin_a_terminal_only_shows(api: Api):
    heard = await hear(api, "sh", "-c", "echo a; echo b >&2; [ -t 0 ] && [ -t 1 ] && echo yes", tty=True)
    assert heard.out == b"a\r\nb\r\nyes\r\n"


@pytest.mark.skipif(shutil.which("vi") is None, reason="this machine has no vi")
async def test_a_full_screen_program_runs(api: Api):
    async with talking(
        api, query("sh", "-c", "printf 'one\\ntwo\\n' > /tmp/f; vi /tmp/f", stdin=True, tty=True)
    ) as talk:
        await talk.resize(80, 24)
        await talk.until(b"two")
        await talk.say(b"ddp:wq\r")
        assert (await talk.rest()).exit_code == 0
    assert (await hear(api, "cat", "/tmp/f")).out == b"two\none\n"


@pytest.mark.parametrize(
    ("said", "sizes"),
    [
        ([b'{"Width":80,"Height":24}\n'], [(80, 24)]),
        ([b'{"Width":80,"Height":24}\n{"width":1,"height":2}'], [(80, 24), (1, 2)]),
        ([b'{"Width":', b'80,"Height"', b":24}"], [(80, 24)]),
        ([b"[1]", b'{"Width":80,"Height":24}'], []),
        ([b'{"Width":-1,"Height":24}', b'{"Width":80,"Height":24}'], []),
        ([b'{"Width":"80"}'], []),
        ([b'{"Width":70000,"Height":1}'], []),
        ([b"\xff\xfe"], []),
        ([b"[" * 100_000, b'{"Width":80,"Height":24}'], []),
        ([b"x" * 10_000, b'{"Width":80,"Height":24}'], []),
    ],
    ids=["one", "two", "cut", "list", "negative", "text", "large", "bytes", "deep", "long"],
)
def test_sizes_are_read_until_something_else_comes(said: list[bytes], sizes: list[tuple[int, int]]):
    reader = Sizes()
    assert [size for part in said for size in reader.read(part)] == sizes


async def test_nonsense_for_a_size_leaves_the_rest_alone(api: Api):
    async with talking(api, query("cat", stdin=True, tty=True)) as talk:
        await talk.say(b"nonsense", RESIZE)
        await talk.say(b"still here\n")
        await talk.until(b"still here\r\n")
