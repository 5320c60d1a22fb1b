"""exec, attach, cp and port-forward as a person types them, through the simulated gateway, beside the real kubectl."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import islice
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import SimProcess
from tests.main_job.terminals import PATIENCE, Pty
from tests.main_job.test_changing import Shell
from tests.main_job.test_commands import COMMAND
from tui.streams.outlet import takes

Done = subprocess.CompletedProcess[bytes]
WHERE = ("-n", "payments", "--cluster", "prod-eu")
POD = "ledger-db-0"


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("remote")) as running:
        yield running


@pytest.fixture
def shell(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> Shell:
    return Shell(own_sim, tmp_path, kubectl)


def run(shell: Shell, *arguments: str, text: bytes = b"", **environ: str) -> Done:
    command = [*COMMAND, *arguments]
    return subprocess.run(
        command, env=shell.environ | environ, input=text, capture_output=True, check=False, timeout=60
    )


def test_a_command_reads_nothing_where_there_is_nothing_as_in_a_cron_job(shell: Shell) -> None:
    with open(os.devnull, "rb") as nothing:
        done = subprocess.run(
            [*COMMAND, "exec", POD, *WHERE, "--write", "-i", "--", "sh", "-c", "cat; echo done"],
            env=shell.environ, stdin=nothing, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"done\n"), done.stderr


def test_the_exit_code_and_both_outputs_are_the_commands_own(shell: Shell) -> None:
    said = ["sh", "-c", "echo out; echo err >&2; exit 7"]
    ours = run(shell, "exec", POD, *WHERE, "--write", "--", *said)
    assert (ours.returncode, ours.stdout) == (7, b"out\n")
    assert b"err\n" in ours.stderr
    theirs = shell.kubectl()("exec", POD, "-n", "payments", "--", *said)
    assert (theirs.returncode, theirs.stdout) == (ours.returncode, ours.stdout.decode())


def test_bytes_go_through_as_they_are(shell: Shell) -> None:
    sent = random.Random(1).randbytes(3_000_000)
    ours = run(shell, "exec", "-i", POD, *WHERE, "--write", "--", "cat", text=sent)
    assert hashlib.sha256(ours.stdout).digest() == hashlib.sha256(sent).digest()
    assert ours.returncode == 0


def test_a_command_that_is_not_there_is_told_in_the_runtimes_words(shell: Shell) -> None:
    ours = run(shell, "exec", POD, *WHERE, "--write", "--", "/nope")
    assert ours.returncode == 1
    assert b"no such file or directory" in ours.stderr


def test_a_workload_is_a_way_to_one_of_its_pods(shell: Shell) -> None:
    ours = run(shell, "exec", "deploy/api", *WHERE, "-c", "api", "--write", "--", "hostname")
    assert ours.returncode == 0, ours.stderr
    assert ours.stdout.startswith(b"api-")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("exec", POD, "--", "ls"), 1, b"read-only without --write"),
        (("exec", POD, "-c", "zzz", "--write", "--", "ls"), 2, b"has no container zzz"),
        (("exec", "nowhere", "--write", "--", "ls"), 1, b"not found"),
        (("exec", "a/b/c", "--write", "--", "ls"), 2, b"KIND/NAME"),
        (("cp", "a", "b", "--write"), 2, b"one of both ends is in a pod"),
        (("cp", "/nowhere", f"{POD}:/tmp/x", "--write"), 2, b"no such file"),
        (("port-forward", POD, "99999"), 2, b"expected [LOCAL:]REMOTE"),
        (("port-forward", "svc/nowhere", "80"), 1, b"not found"),
    ],
)
def test_what_cannot_be_done_is_said(shell: Shell, arguments: tuple[str, ...], code: int, words: bytes) -> None:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    done = run(shell, *arguments[:cut], *WHERE, *arguments[cut:])
    assert (done.returncode, done.stdout) == (code, b""), done.stderr
    assert words in done.stderr


def test_what_the_configuration_makes_read_only_is_not_entered(shell: Shell) -> None:
    done = run(shell, "exec", POD, *WHERE, "--write", "--", "touch", "/tmp/entered", CLUSTERVIEW_READ_ONLY="prod-*")
    assert done.returncode == 1
    assert b"read-only" in done.stderr


def test_attach_shows_what_the_container_writes(shell: Shell) -> None:
    process = subprocess.Popen(
        [*COMMAND, "attach", "deploy/api", *WHERE, "-c", "api", "--write"], env=shell.environ, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().startswith(b'{"ts":"')
    process.send_signal(signal.SIGINT)
    assert process.wait(20) in (1, 130)


def test_files_and_trees_are_copied_both_ways_as_kubectl_copies_them(shell: Shell, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "with space").mkdir(parents=True)
    (tree / "with space" / "ünïcode").write_bytes(random.Random(2).randbytes(2_000_000))
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o750)
    (tree / "link").symlink_to("run.sh")
    done = run(shell, "cp", str(tree), f"payments/{POD}:/tmp/ours", *WHERE[2:], "--write")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    back = run(shell, "cp", f"{POD}:/tmp/ours", str(tmp_path / "back"), *WHERE, "--write")
    assert back.returncode == 0, back.stderr
    theirs = shell.kubectl()("cp", "-n", "payments", f"{POD}:/tmp/ours", str(tmp_path / "theirs"))
    assert theirs.returncode == 0, theirs.stderr
    for other in ("back", "theirs"):
        copied = (tmp_path / other / "with space" / "ünïcode").read_bytes()
        assert copied == (tree / "with space" / "ünïcode").read_bytes()
    assert (tmp_path / "back" / "run.sh").stat().st_mode & 0o777 == 0o750
    assert os.readlink(tmp_path / "back" / "link") == "run.sh"


def test_a_container_without_tar_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    pods = shell.ok("get", "pods", "-n", "kube-system", "-l", "k8s-app=kube-dns", "-o", "name").split()
    if not pods:
        pytest.skip("the scenario has no coredns with this label")
    done = run(
        shell, "cp", str(tmp_path / "f"), f"kube-system/{pods[0].split('/')[-1]}:/f", "--cluster", "prod-eu", "--write"
    )
    assert done.returncode == 1
    assert b"has no tar" in done.stderr


@contextmanager
def forwarded(shell: Shell, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A port-forward that listens, and the port."""
    process = subprocess.Popen(
        [*COMMAND, "port-forward", *arguments],
        env=shell.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Forwarding from 127.0.0.1:"), process.stderr.read()
        yield process, int(line.split(":")[1].split()[0])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()
        process.stderr.close()


def fetched(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as made:
        made.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        made.shutdown(socket.SHUT_WR)
        parts: list[bytes] = []
        while data := made.recv(65536):
            parts.append(data)
    return b"".join(parts)


def test_a_port_forward_serves_and_goes_on_with_the_next_pod(shell: Shell) -> None:
    with forwarded(shell, "deploy/api", ":8080", *WHERE) as (process, port):
        first = fetched(port, "/one")
        assert b"GET /one" in first
        pod = next(word for word in first.decode().split() if word.startswith("api-"))
        shell.kubectl()("delete", "pod", pod, "-n", "payments", "--wait=false")
        answers = [fetched(port, f"/{number}") for number in range(20)]
        assert all(b"200 OK" in answer for answer in answers)
        deadline = time.monotonic() + 40
        while pod.encode() in fetched(port, "/later"):
            assert time.monotonic() < deadline, "it never went on to another pod"
        assert process.poll() is None


def test_no_request_fails_while_the_only_pod_is_replaced(shell: Shell) -> None:
    kubectl = shell.kubectl()
    kubectl("scale", "deploy/search", "-n", "web", "--replicas=1")
    kubectl("rollout", "status", "deploy/search", "-n", "web", "--timeout=60s")
    with forwarded(shell, "deploy/search", ":8080", "-n", "web", *WHERE[2:]) as (process, port):
        first = fetched(port, "/one").decode()
        pod = next(word for word in first.split() if word.startswith("search-"))
        kubectl("delete", "pod", pod, "-n", "web", "--wait=false")
        deadline, answers = time.monotonic() + 60, [first]
        while pod in answers[-1]:
            assert time.monotonic() < deadline, "it never went on to another pod"
            answers.append(fetched(port, f"/{len(answers)}").decode())
        answers += [fetched(port, "/last").decode() for _ in range(5)]
        assert all("200 OK" in answer for answer in answers)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
    assert f"pod {pod} is going: looking for the next" in said
    assert "is running: waiting for one" in said or "waiting for pod search-" in said


def test_a_command_whose_output_nobody_reads_ends_as_with_kubectl(shell: Shell) -> None:
    command = [*COMMAND, "exec", POD, *WHERE, "--write", "--", "yes"]
    with subprocess.Popen(command, env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        assert process.wait(30) == 141


def test_a_command_whose_output_nobody_reads_does_not_go_on_in_silence(shell: Shell) -> None:
    """It holds a stream of the gateway's, and may say nothing more for hours."""
    command = [*COMMAND, "exec", POD, *WHERE, "--write", "--", "sh", "-c", "echo a; sleep 1; echo b; sleep 300"]
    with subprocess.Popen(command, env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"a\n"
        process.stdout.close()
        assert process.wait(30) == 141


def test_a_command_whose_output_finds_no_room_says_so(shell: Shell) -> None:
    command = [*COMMAND, "exec", POD, *WHERE, "--write", "--", "sh", "-c", "echo a; sleep 300"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, env=shell.environ, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert b"what the command says cannot be written: No space left on device" in done.stderr
    assert b"bug" not in done.stderr
    assert done.returncode == 1


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that cannot be read")
def test_a_stdin_that_cannot_be_read_is_named(shell: Shell) -> None:
    command = [*COMMAND, "exec", "-i", POD, *WHERE, "--write", "--", "cat"]
    with open("/proc/self/mem", "rb") as unreadable:
        done = subprocess.run(command, env=shell.environ, stdin=unreadable, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert b"stdin cannot be read: Input/output error" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("cut", [False, True])
def test_who_reads_late_reads_all(shell: Shell, cut: bool) -> None:
    """More than a pipe holds, which has come when the command ends, or is cut."""
    size = 900_000
    ends = "sleep 300" if cut else "exit 7"
    command = [*COMMAND, "exec", POD, *WHERE, "--write", "--", "sh", "-c", f"head -c {size} /dev/zero; {ends}"]
    with (
        limited(shell, 2) if cut else nullcontext(),
        subprocess.Popen(command, env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)  # it waits for its reader
        assert len(process.stdout.read()) == size
        assert process.wait(PATIENCE) == (1 if cut else 7)


def test_a_command_whose_output_nobody_takes_is_interrupted(shell: Shell) -> None:
    """As under `| less`, which hears ctrl-c too and stays."""
    reader, writer = os.pipe()
    command = [*COMMAND, "exec", POD, *WHERE, "--write", "--", "yes"]
    with subprocess.Popen(command, env=shell.environ, stdout=writer) as process:
        try:
            while process.poll() is None and takes(writer):  # the pipe is not full yet
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
        finally:
            process.kill()
            os.close(reader)
            os.close(writer)


@contextmanager
def limited(shell: Shell, seconds: int) -> Iterator[None]:
    """The gateway cuts every stream after so long."""
    fault = {"action": "stream-limit", "match": {"membership": "prod-eu"}, "options": {"seconds": seconds}}
    secret = {"X-Sim-Control": shell.sim.env["CLUSTERVIEW_SIM_CONTROL"], "Content-Type": "application/json"}
    url = f"{shell.sim.base_url}/_sim/faults"
    tls = ssl.create_default_context(cafile=shell.environ["SSL_CERT_FILE"])
    with urlopen(Request(url, json.dumps(fault).encode(), secret), timeout=30, context=tls) as answer:
        armed = json.load(answer)["id"]
    try:
        yield
    finally:
        with urlopen(Request(f"{url}/{armed}", headers=secret, method="DELETE"), timeout=30, context=tls):
            pass


CUT = "before the gateway's limit of 20 minutes, by agent or network"


def test_a_stream_that_is_cut_is_told_with_which_of_the_two_it_was_and_dialled_again(shell: Shell) -> None:
    with limited(shell, 8), forwarded(shell, POD, ":5432", *WHERE) as (process, _):
        assert process.stderr is not None
        said = process.stderr.readline()
        assert CUT in said
        assert "it is dialled again" in said
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert sum(line.startswith("Forwarding from 127.0.0.1:") for line in islice(lines, 2)) == 1


def test_a_command_that_is_cut_is_told_with_which_of_the_two_it_was(shell: Shell) -> None:
    with limited(shell, 2):
        done = run(shell, "exec", POD, *WHERE, "--write", "--", "sh", "-c", "echo begun; sleep 60")
    assert (done.returncode, done.stdout) == (1, b"begun\n")
    assert CUT in done.stderr.decode()


# A terminal ----------------------------------------------------------------------------------------------------------


def test_a_shell_has_the_terminals_size_takes_every_key_and_gives_its_exit_code(shell: Shell) -> None:
    with Pty(shell.environ, "exec", POD, *WHERE, "--write") as terminal:
        terminal.sees(f"\x1b]2;0s · prod-eu/payments/{POD}".encode())
        terminal.sees(b"# ")
        terminal.says(b"stty size\r", b"30 100")
        terminal.resize(80, 24)
        terminal.says(b"sleep 0.3; stty size\r", b"24 80")
        terminal.says(b"echo sle''eping; sleep 1000\r", b"sleeping")
        for _ in range(20):  # the shell may have been between the two commands
            place = terminal.type(b"\x03")
            terminal.type(b"echo af''ter\r")
            if terminal.shows(b"after", 3.0, place):
                break
        terminal.sees(b"after")
        terminal.type(b"exit 5\r")
        assert terminal.code() == 5


def test_the_way_out_leaves_a_session_that_hangs(shell: Shell) -> None:
    program = ("sh", "-c", "trap '' INT; echo hang''ing; sleep 1000")
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", "-it", "--", *program) as terminal:
        terminal.sees(b"hanging")
        terminal.type(b"\x03\r~.")
        assert terminal.code() == 255


def test_the_way_out_leaves_a_terminal_that_takes_nothing(shell: Shell) -> None:
    """One that was stopped, or whose reader is at the other end of a line that has died."""
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", "-it", "--", "yes") as terminal:
        terminal.sees(b"y\r\ny\r\n")
        terminal.fills()
        os.write(terminal.fd, b"\r~.")
        assert terminal.code_unread() == 255
