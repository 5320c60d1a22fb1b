"""exec: real commands, their input, output and end, and the room they run in."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import tarfile
import threading
from collections.abc import Callable

import pytest

from tests.sim.kube.conftest import PODS, Api
from tests.sim.kube.exec_client import ID, Talk, ended, hear, query, run_pod, talking
from tui.sim.kube.cluster import KubeCluster
from tui.wire.channels import STDERR, STDIN, STDOUT, V4, V5


@pytest.fixture(autouse=True)
def pod(cluster: KubeCluster) -> None:
    run_pod(cluster)


def pid(talk: Talk) -> int:
    return int(talk.heard.out.split()[0])


async def test_output_errors_and_the_exit_code_are_told(api: Api):
    heard = await hear(api, "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (heard.out, heard.err, heard.exit_code) == (b"out\n", b"err\n", 7)
    assert (await hear(api, "true")).exit_code == 0


async def test_only_what_was_asked_for_is_sent(api: Api):
    heard = await hear(api, "sh", "-c", "echo out; echo err >&2", stdout=False)
    assert heard.frames[0] == (STDERR, b"")
    assert (heard.out, heard.err) == (b"", b"err\n")
    heard = await hear(api, "sh", "-c", "echo out; echo err >&2", stderr=False)
    assert (heard.out, heard.err) == (b"out\n", b"")


async def test_ten_megabytes_pass_both_ways_as_they_are(api: Api):
    sent = random.Random(4).randbytes(10 << 20)
    async with talking(api, query("cat", stdin=True)) as talk:

        async def type_all() -> None:
            for place in range(0, len(sent), 32 << 10):
                await talk.say(sent[place : place + (32 << 10)])
            await talk.half_close()

        typing = asyncio.create_task(type_all())
        heard = await talk.rest()
        await typing
    assert heard.exit_code == 0
    assert heard.out == sent


async def test_without_v5_stdin_has_no_end(api: Api):
    async with talking(api, query("cat", stdin=True), [V4]) as talk:
        await talk.say(b"a\n")
        await talk.until(b"a\n")
        await talk.half_close()  # means nothing in v4
        await talk.say(b"b\n")
        await talk.until(b"b\n")


async def test_a_slow_reader_stops_the_command(api: Api):
    """What is written waits with the command, not with the server: it stops counting."""
    script = "i=0; while [ $i -lt 400 ]; do head -c 1000000 /dev/zero; i=$((i+1)); echo $i >> /tmp/counted; done"
    async with talking(api, query("sh", "-c", script)) as talk:
        await talk.next()
        counted = b""
        while True:  # until two looks see the same
            before, counted = counted, (await hear(api, "cat", "/tmp/counted")).out
            if before == counted and counted:
                break
        assert len(counted.split()) < 100
        heard = 0
        while await talk.next():
            heard += len(talk.heard.frames.pop()[1]) if talk.heard.frames[-1][0] == STDOUT else 0
        assert heard == 400_000_000
    assert len((await hear(api, "cat", "/tmp/counted")).out.split()) == 400


async def test_input_that_is_not_read_waits_with_the_client(api: Api):
    await hear(api, "mkfifo", "/tmp/go")
    async with talking(api, query("sh", "-c", "read go < /tmp/go; exec wc -c", stdin=True)) as talk:
        stuck = asyncio.Event()

        async def type_all() -> None:
            for _ in range(800):
                sending = asyncio.ensure_future(talk.say(b"x" * (32 << 10)))
                done, _ = await asyncio.wait((sending,), timeout=0.5)
                if not done:
                    stuck.set()
                await sending
            await talk.half_close()

        typing = asyncio.create_task(type_all())
        await asyncio.wait_for(stuck.wait(), 20)
        await hear(api, "sh", "-c", "echo > /tmp/go")
        assert (await talk.rest()).out.strip() == b"%d" % (800 * (32 << 10))
        await typing


async def test_the_environment_is_a_containers(api: Api, cluster: KubeCluster):
    cluster.apply_manifest(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s", "namespace": "default"},
            "data": {"KEY": "aGlkZGVu"},
        }
    )
    reference = {"secretKeyRef": {"name": "s", "key": "KEY"}}
    run_pod(
        cluster,
        "e",
        env=[
            {"name": "PLAIN", "value": "a=b"},
            {"name": "AGAIN", "value": "<$(PLAIN)> $$(PLAIN) $(NONE)"},
            {"name": "SECRET", "valueFrom": reference},
            {"name": "ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "MISSING", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "k", "optional": True}}},
        ],
        envFrom=[{"prefix": "S_", "secretRef": {"name": "s"}}],
        workingDir="/srv/app",
    )
    heard = await hear(api, "sh", "-c", "pwd; env", pod="e")
    folder, *lines = heard.out.decode().splitlines()
    found = dict(line.split("=", 1) for line in lines)
    assert folder.endswith("/srv/app")
    assert (found["HOSTNAME"], found["PLAIN"], found["SECRET"], found["S_KEY"]) == ("e", "a=b", "hidden", "hidden")
    assert (found["AGAIN"], found["ADDRESS"]) == ("<a=b> $(PLAIN) $(NONE)", "10.1.2.3")
    assert not {"MISSING", "TERM", "USER", "PYTHONPATH"} & found.keys()


async def test_a_container_keeps_its_files_and_shows_them_to_nobody(api: Api, cluster: KubeCluster):
    run_pod(cluster, "q")
    await hear(api, "touch", "/tmp/mine")
    assert (await hear(api, "test", "-f", "/tmp/mine")).exit_code == 0
    assert (await hear(api, "test", "-f", "/tmp/mine", pod="q")).exit_code == 1
    assert not os.path.exists("/tmp/mine")  # noqa: ASYNC240


async def test_a_container_that_starts_again_finds_an_empty_room(api: Api, cluster: KubeCluster):
    await hear(api, "touch", "/tmp/mine")
    pod = run_pod(cluster)
    status = pod["status"]["containerStatuses"][0]
    status = {**status, "containerID": ID[:-2] + "cd"}
    cluster.apply_manifest({**pod, "status": {**pod["status"], "containerStatuses": [status]}})
    assert (await hear(api, "test", "-f", "/tmp/mine")).exit_code == 1


async def test_rooms_go_with_their_pod_and_with_the_cluster(api: Api, cluster: KubeCluster):
    run_pod(cluster, "q")
    await hear(api, "sh", "-c", "mkdir -p /tmp/a/b; chmod 0 /tmp/a", pod="q")
    await hear(api, "true")
    base = cluster.streams.rooms.base
    assert len(list(base.iterdir())) == 2
    await api.delete(f"{PODS}/q", {"gracePeriodSeconds": 0})
    for removing in [one for one in threading.enumerate() if one.name.startswith("removing")]:
        await asyncio.to_thread(removing.join, 20)
    assert len(list(base.iterdir())) == 1
    cluster.close()
    assert not base.exists()


async def test_what_is_left_behind_by_a_client_is_killed(api: Api):
    script = "echo $$; trap '' HUP TERM; sleep 1000 & wait; sleep 1000"
    async with talking(api, query("sh", "-c", script)) as talk:
        await talk.until(b"\n")
        number = pid(talk)
    await ended(number)


async def test_a_client_is_missed_even_while_its_input_is_not_read(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui.sim.kube.streams.talk._PROBE_SECONDS", 0.05)
    async with talking(api, query("sh", "-c", "echo $$; exec sleep 1000", stdin=True)) as talk:
        await talk.until(b"\n")
        number = pid(talk)
        done, sending = {None}, None
        while done:
            sending = asyncio.ensure_future(talk.say(b"x" * (64 << 10)))
            done, _ = await asyncio.wait((sending,), timeout=0.3)
        assert sending is not None
        assert talk.socket._response.connection is not None
        transport = talk.socket._response.connection.transport
        assert transport is not None
        transport.abort()
        sending.cancel()
        await ended(number)


async def test_a_command_dies_with_its_pod(api: Api):
    async with talking(api, query("sh", "-c", "echo $$; exec sleep 1000")) as talk:
        await talk.until(b"\n")
        await api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
        assert (await talk.rest()).exit_code == 128 + signal.SIGKILL


async def test_a_command_dies_with_its_container(api: Api, cluster: KubeCluster):
    async with talking(api, query("sh", "-c", "echo $$; exec sleep 1000")) as talk:
        await talk.until(b"\n")
        run_pod(cluster, running=False)
        assert (await talk.rest()).exit_code == 128 + signal.SIGKILL


async def test_a_daemon_does_not_outlive_the_command(api: Api):
    heard = await hear(api, "sh", "-c", "nohup sleep 1000 >/dev/null 2>&1 & echo $!")
    await ended(int(heard.out))


def words(text: str) -> str:
    start = "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in "
    exec = f'container: failed to start exec "{"ab" * 32}": OCI runtime exec failed: exec failed: unable to start '
    return f"{start}{exec}container process: exec: {text}"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/nope", '"/nope": stat /nope: no such file or directory'),
        ("nope", '"nope": executable file not found in $PATH'),
        ("/etc/hostname", '"/etc/hostname": permission denied'),
        ("/tmp", '"/tmp": is a directory'),
        ("", '"": executable file not found in $PATH'),
        ("é\n", '"é\\n": executable file not found in $PATH'),
    ],
)
async def test_what_cannot_be_run_is_told_as_the_runtime_does(api: Api, command: str, said: str):
    heard = await hear(api, command)
    assert heard.status["message"] == words(said)
    assert (heard.status["reason"], heard.status["code"]) == ("InternalError", 500)


async def test_a_script_without_a_known_format_and_an_argument_that_is_none(api: Api):
    await hear(api, "sh", "-c", "printf 'echo hi' > /tmp/x; chmod +x /tmp/x")
    assert (await hear(api, "/tmp/x")).status["message"] == words('"/tmp/x": exec format error')
    assert (await hear(api, "echo", "a\0b")).status["reason"] == "InternalError"
    assert (await hear(api)).status["reason"] == "InternalError"


@pytest.mark.parametrize(
    ("image", "command", "there"),
    [
        ("gcr.io/distroless/static:nonroot", "tar", False),
        ("gcr.io/distroless/static:nonroot", "/bin/sh", False),
        ("busybox:1.36", "bash", False),
        ("busybox:1.36", "sh", True),
        ("debian:12", "bash", True),
    ],
)
async def test_an_image_has_the_programs_that_its_name_suggests(
    api: Api, cluster: KubeCluster, image: str, command: str, there: bool
):
    run_pod(cluster, "i", image=image)
    heard = await hear(api, command, "-c", "exit 3", pod="i")
    assert (heard.status["reason"] == "NonZeroExitCode") is there
    if command == "tar":
        assert heard.status["message"] == words('"tar": executable file not found in $PATH')


@pytest.mark.parametrize("protocol", ["channel.k8s.io", "base64.channel.k8s.io"])
async def test_the_oldest_protocols_tell_a_failure_in_words_and_a_success_not_at_all(api: Api, protocol: str):
    heard = await hear(api, "sh", "-c", "echo hi; exit 7", protocols=[protocol])
    said = b"command terminated with non-zero exit code: command terminated with exit code 7"
    assert (heard.out, heard.on(3)) == (b"hi\n", said)
    heard = await hear(api, "echo", "hi", protocols=[protocol])
    assert (heard.out, heard.on(3)) == (b"hi\n", b"")


async def test_several_offers_and_what_is_made_of_them(api: Api):
    async with talking(api, query("true"), [V4, V5]) as talk:
        assert talk.socket.protocol == V5
    async with talking(api, query("true"), ["v9.channel.k8s.io", "channel.k8s.io", V4]) as talk:
        assert talk.socket.protocol == "channel.k8s.io"


@pytest.mark.parametrize("walls", [True, False], ids=["walls", "open"])
async def test_with_and_without_walls_files_are_the_containers(api: Api, cluster: KubeCluster, walls: bool):
    cluster.streams.walls = walls
    async with talking(api, query("tar", "-xmf", "-", "-C", "/data", stdin=True)) as talk:
        await talk.say(_archive("a b/ü", b"content"))
        await talk.half_close()
        heard = await talk.rest()
    assert (heard.exit_code, heard.err) == (0, b"")
    assert (await hear(api, "test", "-d", "/data/a b")).exit_code == 0
    assert (await hear(api, "cat", "/data/../data/a b/ü")).out == b"content"
    heard = await hear(api, "tar", "cf", "-", "/data/a b")
    assert _members(heard.out) == ["data/a b", "data/a b/ü"]
    assert not os.path.exists("/data/a b")  # noqa: ASYNC240


def _archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size, info.uid, info.gid = len(content), os.getuid() + 1, os.getgid() + 1
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _members(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


REFUSED: list[tuple[str, Callable[[KubeCluster], object], int, str]] = [
    (
        query("ls", stdout=False, stderr=False),
        lambda _: None,
        400,
        "you must specify at least 1 of stdin, stdout, stderr",
    ),
    (
        query("ls") + "&command=caf%E9",
        lambda _: None,
        500,
        "rpc error: code = Internal desc = grpc: error while marshaling: string field contains invalid UTF-8",
    ),
    (query("ls", container="x"), lambda _: None, 400, "container x is not valid for pod p"),
    (query("ls"), lambda cluster: run_pod(cluster, running=False), 500, 'container not found ("c")'),
]


@pytest.mark.parametrize(
    ("asked", "before", "status", "said"), REFUSED, ids=["no-stream", "no-text", "no-container", "waiting"]
)
@pytest.mark.parametrize("upgrade", ["websocket", "SPDY/3.1"])
async def test_refusals_before_the_upgrade(
    api: Api,
    cluster: KubeCluster,
    asked: str,
    before: Callable[[KubeCluster], object],
    status: int,
    said: str,
    upgrade: str,
):
    before(cluster)
    answer = await api.send("GET", f"{PODS}/p/exec?{asked}", headers={"Connection": "Upgrade", "Upgrade": upgrade})
    assert answer.status == status
    assert (answer.body if isinstance(answer.body, str) else answer.message) == said


async def test_up_to_1_35_the_server_accepts_before_it_asks_the_kubelet(api: Api, cluster: KubeCluster):
    cluster.version = "v1.33.4"
    run_pod(cluster, running=False)
    heard = await hear(api, "ls")
    assert heard.status["message"] == 'Internal error occurred: unable to upgrade connection: container not found ("c")'
    assert heard.status["code"] == 500


async def test_before_1_30_there_is_no_v5(api: Api, cluster: KubeCluster):
    cluster.version = "v1.29.9"
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": V5}
    assert (await api.get(f"{PODS}/p/exec?{query('ls')}", headers=headers)).status == 403
    async with talking(api, query("true"), [V5, V4]) as talk:
        assert talk.socket.protocol == V4


async def test_attach_to_what_does_not_run_is_refused_in_other_words(api: Api, cluster: KubeCluster):
    run_pod(cluster, running=False)
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = await api.get(f"{PODS}/p/attach?stdout=true", headers=headers)
    assert (answer.status, answer.body) == (500, "container c not found in pod p_default")


async def test_what_is_typed_to_a_container_that_reads_none_is_nothing(api: Api, cluster: KubeCluster):
    async with talking(api, query(stdin=True), what="attach") as talk:
        await talk.say(b"hello\n")
        await talk.say(b"", STDIN)
        run_pod(cluster, running=False)
        heard = await talk.rest()
    assert heard.status == {"metadata": {}, "status": "Success"}
    assert b"hello" not in heard.out


async def test_a_terminal_shows_what_is_typed_to_it(api: Api, cluster: KubeCluster):
    run_pod(cluster, "t", stdin=True, tty=True)
    async with talking(api, query(stdin=True, tty=True), pod="t", what="attach") as talk:
        await talk.say(b"hello\r")
        await talk.until(b"hello\r\n")
