"""`clusterview logs` as a person and a pipe use it: what it prints, when it ends, and what breaks on the way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.kubernetes_server import status, table
from tests.clients.scripted import HANG, Asked, Reply, ScriptedServer
from tests.conftest import SimProcess
from tests.main_job.test_command_manners import interruptible
from tests.main_job.test_commands import COMMAND, clusterview
from tests.main_job.test_follow import PODS, kubeconfig, listed, ran

RUNNING = {
    "kind": "Pod",
    "metadata": {"name": "web-1", "uid": "u"},
    "spec": {"containers": [{"name": "app"}]},
    "status": {"phase": "Running"},
}


Text = Callable[[int], bytes]


def numbered(number: int) -> bytes:
    return b"line %d" % number


def timed(number: int) -> bytes:
    return b"2026/06/01 12:00:%02d line" % number


def stamped(*numbers: int, text: Text = numbered) -> bytes:
    return b"".join(b"2026-06-01T10:00:%02d.000000001Z %s\n" % (number % 60, text(number)) for number in numbers)


def plain(*numbers: int, text: Text = numbered) -> bytes:
    return b"".join(text(number) + b"\n" for number in numbers)


class Kubelet:
    """Serves the lines of one log, as asked for; `breaks` is how the whole of it ends when it is first asked for."""

    def __init__(self, count: int, breaks: str, after: int, text: Text = numbered) -> None:
        self.text = text
        self.count = count
        self.breaks = breaks
        self.after = after
        self.asked: list[Asked] = []

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        numbers = range(1, self.count + 1)
        if since := asked.query.get("sinceTime"):
            numbers = range(max(1, int(since[17:19])), self.count + 1)
        if tail := asked.query.get("tailLines"):
            numbers = numbers[-int(tail) :]
        lines = (stamped if asked.query.get("timestamps") else plain)(*numbers, text=self.text)
        if self.breaks and not tail:
            breaks, self.breaks = self.breaks, ""
            return Reply(200, chunks=(lines[: self.after],) if self.after else (), end=breaks)
        return Reply(200, chunks=(lines,))


@pytest.mark.parametrize("breaks", ["", "clean", "reset", "close"])
@pytest.mark.parametrize("after", [0, 75, 250])
@pytest.mark.parametrize("text", [numbered, timed])
async def test_a_whole_log_is_copied_to_its_end_however_the_copy_breaks(
    tmp_path: Path, breaks: str, after: int, text: Text
) -> None:
    kubelet = Kubelet(30, breaks, after, text)
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", kubelet)
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1")
    assert (done.returncode, done.stdout) == (0, plain(*range(1, 31), text=text).decode())
    whole = [asked for asked in kubelet.asked if "tailLines" not in asked.query]
    assert breaks or ["timestamps" in asked.query for asked in whole] == [text is numbered]


@pytest.mark.parametrize("after", [12 * 10, 12 * 25])
@pytest.mark.parametrize("breaks", ["", "clean"])
async def test_a_log_that_repeats_itself_is_copied_to_its_end_too(tmp_path: Path, breaks: str, after: int) -> None:
    kubelet = Kubelet(59, breaks, after, text=lambda number: b"healthz fin")
    async with ScriptedServer() as server:
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", kubelet)
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1")
    assert (done.returncode, done.stdout) == (0, "healthz fin\n" * 59)


@pytest.mark.parametrize("after", [9 * 30, 9 * 45, 9 * 60])
async def test_a_log_that_says_the_same_in_rounds_is_copied_to_its_end_too(tmp_path: Path, after: int) -> None:
    kubelet = Kubelet(59 + 31, "clean", after, text=lambda number: b"round %02d" % (number % 30))
    async with ScriptedServer() as server:
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", kubelet)
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1")
    assert (done.returncode, done.stdout.count("\n")) == (0, 90)


async def test_who_may_get_a_pod_and_list_none_reads_its_log(tmp_path: Path) -> None:
    kubelet = Kubelet(3, "", 0, timed)
    async with ScriptedServer() as server:
        server.on(PODS, Reply(403, status(403, "Forbidden", "pods is forbidden")))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", kubelet)
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1")
        asked = [one.path for one in server.asked]
    assert (done.returncode, done.stdout) == (0, plain(1, 2, 3, text=timed).decode())
    assert asked == [f"{PODS}/web-1", f"{PODS}/web-1/log", f"{PODS}/web-1/log"]


async def test_a_copy_whose_file_is_rotated_under_it_says_so(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        last = Reply(200, chunks=(stamped(4, 5, text=timed),))
        broken = Reply(200, chunks=(plain(1, 2, 3, text=timed),), end="reset")
        server.on(f"{PODS}/web-1/log", last, broken, last)
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1")
    assert (done.returncode, done.stdout) == (1, plain(1, 2, 3, 4, 5, text=timed).decode())
    assert "rotated" in done.stderr


async def test_json_and_filters_of_a_log_that_is_only_read(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", Kubelet(12, "", 0))
        environ = kubeconfig(tmp_path, server.url)
        done = await ran(environ, "logs", "web-.*", "-o", "json", "-i", "line 1", "-e", "11")
        window = ("--since-time", "2026-06-01T10:00:03Z", "--until", "2026-06-01T10:00:06Z")
        part = await ran(environ, "logs", "web-1", *window)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["line 1", "line 10", "line 12"]
    assert json.loads(done.stdout.splitlines()[0])["time"] == "2026-06-01T10:00:01.000000001Z"
    assert part.stdout == plain(3, 4, 5).decode()


async def test_lines_around_what_is_looked_for_and_words_for_what_is_not_there(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", Kubelet(12, "", 0))
        environ = kubeconfig(tmp_path, server.url)
        done = await ran(environ, "logs", "web-1", "--filter", "line 3|9 !10", "-C", "1", "--timezone", "Asia/Tokyo")
        alone = await ran(environ, "logs", "web-1", "-C", "1")
        server.on(f"{PODS}/web", Reply(404, status(404, "NotFound", 'pods "web" not found')))
        nowhere = await ran(environ, "logs", "web")
    assert done.returncode == 0, done.stderr
    hour = "2026-06-01T19:00:0{}.000000001+09:00 line {}"
    expected = ["--" if not number else hour.format(number, number) for number in (2, 3, 4, 0, 8, 9)]
    assert done.stdout.splitlines()[:6] == expected
    assert (alone.returncode, nowhere.returncode) == (2, 1)
    assert "'web.*'" in nowhere.stderr


async def test_ctrl_c_ends_a_follow_with_its_counters(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", Reply(200, chunks=(stamped(1, 2),), end="hang"))
        with interruptible("logs", "-f", "web-1", environ=kubeconfig(tmp_path, server.url)) as it:
            assert it.stdout is not None
            assert await asyncio.to_thread(it.stdout.readline) == "line 1\n"
            assert await asyncio.to_thread(it.stdout.readline) == "line 2\n"
            it.send_signal(signal.SIGINT)
            _, errors = await asyncio.to_thread(it.communicate)
    assert it.returncode == 130
    assert errors.splitlines()[-1] == "2 lines of 1 container; 0 repeated and dropped, 0 gaps, 0 late"


async def test_it_ends_quietly_when_nobody_reads_though_nothing_is_written(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", Reply(200, chunks=(stamped(1),), end="hang"))
        with interruptible("logs", "-f", "web-1", environ=kubeconfig(tmp_path, server.url)) as it:
            assert it.stdout is not None
            assert await asyncio.to_thread(it.stdout.readline) == "line 1\n"
            it.stdout.close()
            assert await asyncio.to_thread(it.wait, 30) == 0
            assert it.stderr is not None
            said = await asyncio.to_thread(it.stderr.read)
    assert said.splitlines() == ["c1: the kubeconfig's current context (--all-clusters asks every cluster)"]


async def test_a_reader_who_waits_holds_up_the_logs_and_not_the_end(tmp_path: Path) -> None:
    """A full pipe: ctrl-c must end the program all the same."""

    def begin(environ: dict[str, str], stdout: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, "logs", "-f", "web-1"],
            env=environ,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    async with ScriptedServer() as server:
        server.on(PODS, listed("web-1"))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        flood = b"2026-06-01T10:00:01.000000001Z " + b"x" * 200 + b"\n"
        server.on(f"{PODS}/web-1/log", Reply(200, chunks=(flood * 20_000,), end="hang"))
        reading, writing = os.pipe()
        process = begin(kubeconfig(tmp_path, server.url), writing)
        try:
            os.close(writing)
            assert await asyncio.to_thread(os.read, reading, 100)
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 30) == 130
        finally:
            process.kill()
            process.wait()
            os.close(reading)


async def test_a_workload_that_is_nowhere_is_an_error(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on("/apis/apps/v1/namespaces/default/deployments/web", Reply(404, status(404, "NotFound", "no web")))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "deploy/web")
    assert (done.returncode, done.stdout) == (1, "")
    assert "deploy/web not found in c1" in done.stderr


async def test_a_workload_is_its_pods(tmp_path: Path) -> None:
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }
    async with ScriptedServer() as server:
        server.on("/apis/apps/v1/namespaces/default/deployments/web", Reply(200, deployment))
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table("web-1", "web-2")))
        for name in ("web-1", "web-2"):
            server.on(f"{PODS}/{name}", Reply(200, RUNNING))
            server.on(f"{PODS}/{name}/log", Kubelet(2, "", 0))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "deploy/web", "--tail", "1")
        labels = {asked.query.get("labelSelector") for asked in server.asked if asked.path == PODS}
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["c1/web-1/app line 2", "c1/web-2/app line 2"]
    assert labels == {"app=web"}


@pytest.mark.parametrize("flags", [(), ("-f",)])
async def test_a_container_that_no_pod_has_is_an_error_and_those_that_there_are_are_named(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    done_pod = {**RUNNING, "status": {"phase": "Succeeded"}}
    async with ScriptedServer() as server:
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table("web-1", "web-2")))
        for name in ("web-1", "web-2"):
            server.on(f"{PODS}/{name}", Reply(200, done_pod))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "-l", "app=web", "-c", "tpyo", *flags)
    assert (done.returncode, done.stdout) == (1, "")
    assert "none of the 2 pods has a container tpyo: choose of: app\n" in done.stderr
    assert not any(asked.path.endswith("/log") for asked in server.asked)


async def test_one_pod_that_does_not_have_the_container(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1", "-c", "tpyo", "--tail", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the pod web-1 does not have a container tpyo: choose of: app\n" in done.stderr


async def test_one_pod_that_is_followed_and_does_not_have_the_container(tmp_path: Path) -> None:
    """Its pod may be got, and not listed."""
    done_pod = {**RUNNING, "status": {"phase": "Succeeded"}}
    async with ScriptedServer() as server:
        server.on(f"{PODS}/web-1", Reply(200, done_pod))
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table("web-1")))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "web-1", "-f", "-c", "tpyo")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the pod web-1 does not have a container tpyo: choose of: app\n" in done.stderr
    assert not any(asked.path.endswith("/log") for asked in server.asked)


@pytest.mark.parametrize("which", [("-l", "app=web"), ("web-1",)], ids=["labels", "one pod"])
async def test_a_name_that_no_pod_has_is_told_and_the_other_is_read(tmp_path: Path, which: tuple[str, ...]) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table("web-1")))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-1/log", Kubelet(1, "", 0))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", *which, "-c", "app", "-c", "tpyo")
    assert done.stdout.endswith("line 1\n")
    assert "the pod web-1 does not have a container tpyo: choose of: app\n" in done.stderr
    assert done.returncode == 1


async def test_pods_without_the_container_are_counted_where_others_have_it(tmp_path: Path) -> None:
    both = {**RUNNING, "spec": {"containers": [{"name": "app"}, {"name": "side"}]}}
    async with ScriptedServer() as server:
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table("web-1", "web-2")))
        server.on(f"{PODS}/web-1", Reply(200, RUNNING))
        server.on(f"{PODS}/web-2", Reply(200, both))
        server.on(f"{PODS}/web-2/log", Kubelet(1, "", 0))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "-l", "app=web", "-c", "side")
    assert (done.returncode, done.stdout) == (0, "c1/web-2/side line 1\n"), done.stderr
    assert "1 of 2 pods has no container side" in done.stderr


NIGHTLY = "/apis/batch/v1/namespaces/default/cronjobs/nightly"
JOBS = "/apis/batch/v1/namespaces/default/jobs"


async def test_a_cron_job_is_the_pods_of_its_jobs(tmp_path: Path) -> None:
    owned = [{"kind": "CronJob", "name": "nightly", "uid": "n"}]
    jobs = {
        "kind": "PartialObjectMetadataList",
        "metadata": {"resourceVersion": "1"},
        "items": [
            {"metadata": {"name": "nightly-1", "ownerReferences": owned}},
            {"metadata": {"name": "by-hand"}},
        ],
    }
    async with ScriptedServer() as server:
        server.on(NIGHTLY, Reply(200, {"kind": "CronJob", "metadata": {"name": "nightly", "uid": "n"}}))
        server.on(JOBS, Reply(200, jobs))
        server.on(PODS, listed("nightly-1-x"))
        server.on(f"{PODS}/nightly-1-x", Reply(200, RUNNING))
        server.on(f"{PODS}/nightly-1-x/log", Kubelet(2, "", 0))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "cronjob/nightly")
        labels = {asked.query.get("labelSelector") for asked in server.asked if asked.path == PODS}
    named = "c1/nightly-1-x/app line 1\nc1/nightly-1-x/app line 2\n"  # the next job's pod has another name
    assert (done.returncode, done.stdout) == (0, named), done.stderr
    assert labels == {"job-name in (nightly-1)"}


async def test_a_workload_that_has_no_pods_now_is_no_error(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(NIGHTLY, Reply(200, {"kind": "CronJob", "metadata": {"name": "nightly", "uid": "n"}}))
        server.on(JOBS, Reply(200, {"kind": "PartialObjectMetadataList", "metadata": {}, "items": []}))
        server.on(PODS, lambda asked: HANG if asked.query.get("watch") else Reply(200, table()))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "cronjob/nightly", "--tail", "1")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "c1: no pod of cronjob/nightly in namespace default" in done.stderr


def test_agents_of_several_clusters_as_json(sim_process: SimProcess, tmp_path: Path) -> None:
    environ = sim_process.environ(tmp_path)
    done = clusterview(environ, "logs", "--agents", "--cluster", "plant-7", "--cluster", "plant-9", "-o", "json",
                       "--tail", "2")  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["cluster"] for one in found} == {"plant-7", "plant-9"}
    assert all(one["container"].startswith("gke-connect-agent") for one in found)
