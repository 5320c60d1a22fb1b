"""pods/log over a real socket: which log, which part of it, and how it goes on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from tests import recordings
from tests.sim.kube.living import START, Town
from tests.sim.kube.logreader import Reader, reading, running
from tui.sim.kube.actors.behaviours import STYLES, Behaviour
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.logfiles import FILE_ENTRIES, FLOOD_LINES, ContainerLog, FloodLog, beginning
from tui.sim.kube.logstyles import HTTP, WORKER, Style, Voice
from tui.sim.kube.objects import timestamp


@pytest.fixture
async def reader(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    monkeypatch.setattr(ContainerLog, "look_every", 0.005)
    async with reading() as reader:
        yield reader


async def test_a_log_is_the_same_at_every_reading_and_only_grows(reader: Reader) -> None:
    running(reader.town)
    first = await reader.text("one")
    assert first == await reader.text("one")
    assert 90 <= first.count("\n") <= 115
    reader.town.live(10)
    later = await reader.text("one")
    assert later.startswith(first)
    assert later.count("\n") >= first.count("\n") + 8


async def test_the_answer_is_plain_text_in_chunks(reader: Reader) -> None:
    running(reader.town)
    async with reader.open("one") as response:
        assert response.headers["Content-Type"] == "text/plain"
        assert response.headers["Transfer-Encoding"] == "chunked"


@pytest.mark.parametrize(
    ("query", "count"),
    [("tailLines=5", 5), ("tailLines=0", 0), ("tailLines=1000000", None), ("tailLines=3&sinceSeconds=3600", 3)],
)
async def test_tail_counts_lines_from_the_end(reader: Reader, query: str, count: int | None) -> None:
    running(reader.town)
    every = await reader.lines("one")
    assert await reader.lines("one", query) == every[len(every) - (len(every) if count is None else count) :]


async def test_tail_counts_the_lines_of_a_stack_trace_singly(reader: Reader) -> None:
    running(reader.town, 2000, log="java")
    every = await reader.lines("one")
    assert any(line.startswith("\tat ") for line in every[-40:])
    inside = [count for count in range(900, len(every)) if every[-count].startswith("\tat ")][:3]
    for count in (*range(40), *inside):
        assert await reader.lines("one", f"tailLines={count}") == every[len(every) - count :]


async def test_since_seconds_and_since_time_cut_by_the_time_of_lines(reader: Reader) -> None:
    running(reader.town)
    every = await reader.lines("one", "timestamps=true")
    now = reader.town.time
    recent = await reader.lines("one", "timestamps=true&sinceSeconds=20")
    assert recent == [line for line in every if stamp(line) >= now - 20]
    assert 10 < len(recent) < 30
    since = timestamp(now - 30)
    assert await reader.lines("one", f"timestamps=true&sinceTime={since}") == [
        line for line in every if stamp(line) >= int(now - 30)
    ]


async def test_fractions_of_since_time_are_dropped_as_by_the_api_server(reader: Reader) -> None:
    """It hands the time on to the kubelet in whole seconds; a client that resumes must expect lines it has."""
    running(reader.town)
    every = await reader.lines("one", "timestamps=true")
    second = every[-1][:19]
    again = await reader.lines("one", f"timestamps=true&sinceTime={second}.999999999Z")
    assert again == [line for line in every if line[:19] >= second]


async def test_tail_is_applied_before_since_as_by_the_kubelet(reader: Reader) -> None:
    running(reader.town)
    every = await reader.lines("one", "timestamps=true")
    found = await reader.lines("one", "timestamps=true&tailLines=50&sinceSeconds=20")
    assert found == [line for line in every[-50:] if stamp(line) >= reader.town.time - 20]


@recordings.needed
async def test_timestamps_have_the_form_of_real_ones(reader: Reader) -> None:
    running(reader.town)
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z .+")
    real = recordings.load("log-timestamps").body["_text"].splitlines()
    for line in (*real, *await reader.lines("one", "timestamps=true&tailLines=20")):
        assert form.fullmatch(line)


async def test_limit_bytes_cuts_in_the_middle_of_a_line(reader: Reader) -> None:
    running(reader.town)
    assert await reader.text("one", "limitBytes=50") == (await reader.text("one"))[:50]


async def test_a_follow_gives_new_lines_as_they_come_and_ends_with_the_container(reader: Reader) -> None:
    running(reader.town, 5, kind="crash", runs_for=60.0, exit_code=1, log="worker", log_rate=0.5)
    whole: list[bytes] = []
    async with reader.open("one", "follow=true&tailLines=1") as response:
        whole.append(await response.content.readany())
        reader.town.live(20)
        whole.append(await response.content.readany())
        assert b"worker.jobs" in whole[1]
        reader.town.live(60)
        whole.append(await response.content.read())
        assert response.content.at_eof()
    text = b"".join(whole).decode()
    assert "ConfigurationError" in text.splitlines()[-1]
    assert (await reader.text("one", "previous=true")).endswith(text)


async def test_a_follow_ends_when_the_pod_is_deleted(reader: Reader) -> None:
    running(reader.town)
    async with reader.open("one", "follow=true&tailLines=1") as response:
        await response.content.readany()
        reader.town.delete(PODS, "one")
        reader.town.live(5)
        await response.content.read()
        assert response.content.at_eof()


async def test_a_follow_of_an_ended_container_ends_at_once(reader: Reader) -> None:
    reader.town.pod(container={"command": ["sh", "-c", "echo one; echo two; exit 2"]}, restartPolicy="Never")
    reader.town.live(20)
    assert await reader.lines("one", "follow=true") == ["one", "two"]


async def test_previous_is_the_run_before(reader: Reader) -> None:
    running(reader.town, 20, kind="crash", runs_for=8.0, exit_code=1, log="worker")
    reader.town.until(lambda: "running" in reader.town.get(PODS, "one")["status"]["containerStatuses"][0]["state"])
    reader.town.live(4)
    previous, current = await reader.lines("one", "previous=true"), await reader.lines("one")
    assert "ConfigurationError" in previous[-1]
    assert "ConfigurationError" not in current[-1]
    assert current != previous


async def test_a_container_in_back_off_shows_the_run_that_has_ended(reader: Reader) -> None:
    running(reader.town, 100, kind="crash", runs_for=2.0, exit_code=1, log="worker")
    reader.town.until(lambda: "waiting" in reader.town.get(PODS, "one")["status"]["containerStatuses"][0]["state"])
    assert await reader.lines("one") == await reader.lines("one", "previous=true")


async def test_a_pod_without_a_node_has_an_empty_log(reader: Reader) -> None:
    reader.town.pod(nodeSelector={"pool": "none"})
    assert await reader.text("one") == ""


two = {"containers": [{"name": "tick", "image": "a:1"}, {"name": "web", "image": "b:1"}]}


@recordings.needed
@pytest.mark.parametrize(
    ("recording", "pod", "query"),
    [
        ("log-no-container", "ticker", ""),
        ("log-bad-container", "ticker", "container=zzz"),
        ("log-waiting", "badimage", ""),
        ("log-previous-none", "shell", "previous=true"),
    ],
)
async def test_refusals_are_those_of_the_real_server(reader: Reader, recording: str, pod: str, query: str) -> None:
    town = reader.town
    town.apply("Pod", "ticker", two, api="v1")
    town.behave("badimage", "c:1", kind="image-missing")
    town.apply("Pod", "badimage", {"containers": [{"name": "c", "image": "c:1"}]}, api="v1")
    town.apply("Pod", "shell", {"containers": [{"name": "sh", "image": "d:1"}]}, api="v1")
    town.live(30)
    real = recordings.load(recording)
    assert await reader.refusal(pod, query) == (real.status, real.body["reason"], real.body["message"])


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("tailLines=-1", 422, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", 422, "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", 422, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        ("tailLines=many", 400, 'strconv.ParseInt: parsing "many": invalid syntax'),
        ("sinceTime=yesterday", 400, 'parsing time "yesterday"'),
        ("sinceSeconds=3&sinceTime=2026-11-22T01:00:00Z", 422, "at most one of `sinceTime` or `sinceSeconds`"),
    ],
)
async def test_options_that_make_no_sense_are_refused(reader: Reader, query: str, status: int, message: str) -> None:
    running(reader.town, 1)
    got, _, said = await reader.refusal("one", query)
    assert got == status
    assert message in said


async def test_a_container_being_created_is_waited_for(reader: Reader) -> None:
    reader.town.pod()
    assert await reader.refusal("one") == (
        400,
        "BadRequest",
        'container "app" in pod "one" is waiting to start: ContainerCreating',
    )


async def test_one_container_of_several_and_init_containers_can_be_chosen(reader: Reader) -> None:
    init = [{"name": "init", "image": "i:1", "command": ["sh", "-c", "echo prepared"]}]
    reader.town.apply("Pod", "ticker", {**two, "initContainers": init}, api="v1")
    reader.town.live(60)
    assert await reader.lines("ticker", "container=init") == ["prepared"]
    assert await reader.lines("ticker", "container=web&tailLines=2") != await reader.lines(
        "ticker", "container=tick&tailLines=2"
    )
    _, _, message = await reader.refusal("ticker")
    assert message.endswith("choose one of: [tick web] or one of the init containers: [init]")


async def test_a_flood_gives_a_million_lines_each_with_its_own_time(reader: Reader) -> None:
    running(reader.town, 2, log="flood", log_rate=100_000)
    reader.town.live(60)
    async with reader.open("one", "timestamps=true") as response:
        body = await response.read()
    lines = body.splitlines()
    assert abs(len(lines) - FLOOD_LINES) <= 10_000
    assert len({line[:30] for line in lines}) == len(lines)
    assert lines == sorted(lines, key=lambda line: line[:30])
    assert await reader.lines("one", "timestamps=true&tailLines=7") == [line.decode() for line in lines[-7:]]


# the files themselves


def stamp(line: str) -> float:
    """Seconds of a line's timestamp."""
    return datetime.fromisoformat(line.split(" ")[0]).timestamp()


def file(style: Style = HTTP, ended: float | None = None, rate: float = 2.0, seed: int = 7) -> ContainerLog:
    return ContainerLog(style, Voice(exit_code=1), started=START, ended=ended, rate=rate, seed=seed)


def test_times_never_fall_and_the_span_is_what_they_say() -> None:
    log = file()
    times = [log.time_of(index) for index in range(500)]
    assert times == sorted(times)
    for now in (START - 1, START, START + 0.1, START + 7.3, START + 200):
        assert log.span(now).stop == sum(1 for index in range(1000) if log.time_of(index) <= now)


def test_a_running_log_and_the_same_log_ended_agree_up_to_the_end() -> None:
    alive, ended = file(WORKER), file(WORKER, ended=START + 60)
    upto = alive.span(START + 60).stop
    assert ended.span(START + 100).stop == upto + 1  # and the closing words
    assert alive.render(0, upto, True) == ended.render(0, upto, True)
    assert b"ConfigurationError" in ended.render(upto, upto + 1, True)


def test_a_log_of_weeks_is_rotated_and_its_end_is_cheap_to_find() -> None:
    log = file(rate=10)
    now = START + 20 * 86400 + 500
    span = log.span(now)
    assert span.start % FILE_ENTRIES == 0
    assert 0 < len(span) <= FILE_ENTRIES
    first, skip = beginning(log, now, tail=10, since=None)
    assert sum(log.line_count(index) for index in range(first, span.stop)) - skip == 10


def test_containers_of_one_style_say_different_things() -> None:
    one, other = file(seed=1), file(seed=2)
    assert one.render(10, 30, False) != other.render(10, 30, False)


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_style_opens_speaks_and_closes_in_whole_lines(name: str) -> None:
    log = file(STYLES[name], ended=START + 600)
    last = log.span(START + 700).stop
    text = log.render(0, last, True).decode()
    assert text.endswith("\n") or not text
    assert text.count("\n") == sum(log.line_count(index) for index in range(last))


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (
            "connect-agent",
            ("dial successful, connected to gkeconnect.googleapis.com:443", "serve: serving requests..."),
        ),
        ("connect-agent-cut-off", ("dialer: dial failed:", "failed to create the websocket connection")),
        ("sc-operator", ("failed to apply",)),
        ("java", ("Caused by: java.net.SocketTimeoutException", "\tat com.example")),
        ("http", ("\x1b[31m", "[bold red]")),
    ],
)
def test_styles_hold_the_lines_people_look_for(style: str, words: tuple[str, ...]) -> None:
    log = file(STYLES[style], ended=START + 3600)
    text = log.render(0, log.span(START + 4000).stop, False).decode()
    for word in words:
        assert word in text


def test_an_agent_names_the_endpoint_it_serves() -> None:
    endpoint = "//gkehub.googleapis.com/projects/1/locations/global/memberships/plant"
    voice = Voice(image="agent:20261001-03-00", facts={"endpoint": endpoint})
    log = ContainerLog(STYLES["connect-agent"], voice, started=START, ended=None, rate=1, seed=1)
    text = log.render(0, log.span(START + 30).stop, False).decode()
    assert f"registering endpoint={endpoint}" in text
    assert "version 20261001-03-00" in text


def test_a_flood_grows_by_its_rate() -> None:
    log = FloodLog(started=START, ended=None, rate=1000, seed=1)
    count = log.render(*span(log, START + 10), False).count(b"\n")
    assert count == 10_000
    assert len(log.span(START + 5000)) * log.line_count(0) == FLOOD_LINES


def span(log: FloodLog, now: float) -> tuple[int, int]:
    found = log.span(now)
    return found.start, found.stop


def test_behaviours_of_an_image_belong_to_its_workload() -> None:
    town = Town()
    town.behave("web", log="json")
    town.deployment("web", replicas=1)
    town.deployment("other", replicas=1)
    town.live(20)
    by_name = {
        pod["metadata"]["labels"]["app"]: town.behaviours.of(pod, pod["spec"]["containers"][0]) for pod in town.pods()
    }
    assert by_name == {"web": Behaviour(log="json"), "other": None}


def test_an_agent_that_cannot_dial_names_its_own_address() -> None:
    voice = Voice(address="10.8.3.9")
    log = ContainerLog(STYLES["connect-agent-cut-off"], voice, started=START, ended=START + 3600, rate=1.0, seed=1)
    said = log.render(0, log.span(START + 3600).stop, False)
    assert b"read udp 10.8.3.9:" in said
    assert b"{" not in said
