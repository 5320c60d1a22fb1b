"""pods/log: which log is meant, which part of it, and how it is sent.

Semantics are the API server's (pkg/registry/core/pod, LogLocation) and the kubelet's (validateContainerLogStatus,
kuberuntime/logs ReadLogs), down to two that surprise: `tailLines` is applied before `sinceTime`, and the API server
hands `sinceTime` on in whole seconds, so a client that resumes is sent some lines again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping

from tui.sim.kube.actors.behaviours import FLOOD, NUMBERED, STYLES, Behaviours
from tui.sim.kube.gonumbers import query_int
from tui.sim.kube.kinds import BUILTIN
from tui.sim.kube.logfiles import ContainerLog as ContainerLog
from tui.sim.kube.logfiles import LogFile, NumberedLog, beginning, flood_of, tail_of
from tui.sim.kube.logkeeping import Note, NotedLog, RotatedLog
from tui.sim.kube.logstyles import Voice
from tui.sim.kube.objects import items, mapping, number, parse_timestamp, text, uid_of
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError, Obj

_PODS = next(kind for kind in BUILTIN if kind.storage == ("", "pods"))


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The parameters of a request. since: seconds since the epoch. tail, limit: lines, bytes; None = all."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    limit: int | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a container as its status tells of it. id: its containerID."""

    begun: float
    ended: float | None
    exit_code: int
    id: str


def parse_query(query: MultiMapping[str], pod: str, now: float) -> LogQuery:
    """Raises ApiError 400 for what cannot be read, 422 for what makes no sense."""
    tail, limit = query_int(query, "tailLines"), query_int(query, "limitBytes")
    seconds, since_time = query_int(query, "sinceSeconds"), query.get("sinceTime", "")
    for field, value, least in (("tailLines", tail, 0), ("limitBytes", limit, 1), ("sinceSeconds", seconds, 1)):
        if value is not None and value < least:
            rule = "must be greater than or equal to 0" if least == 0 else "must be greater than 0"
            raise _invalid(pod, "FieldValueInvalid", field, f"Invalid value: {value}: {rule}")
    if seconds is not None and since_time:
        raise _invalid(
            pod, "FieldValueForbidden", "", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        )
    since = None if seconds is None else now - seconds
    if since_time:
        parsed = parse_timestamp(since_time)
        if parsed is None:
            layout = "2006-01-02T15:04:05Z07:00"
            raise bad_request(f'parsing time "{since_time}" as "{layout}": cannot parse "{since_time}" as "2006"')
        since = float(int(parsed))
    flags = {name: _flag(query, name) for name in ("follow", "previous", "timestamps")}
    return LogQuery(query.get("container", ""), **flags, tail=tail, limit=limit, since=since)


def _flag(query: MultiMapping[str], name: str) -> bool:
    return name in query and query[name].lower() not in ("false", "0")


def _invalid(pod: str, reason: str, field: str, said: str) -> ApiError:
    message = (
        f'PodLogOptions "{pod}" is invalid: {field}: {said}' if field else f'PodLogOptions "{pod}" is invalid: {said}'
    )
    causes = [{"reason": reason, "message": said, "field": field}]
    return ApiError(422, "Invalid", message, {"name": pod, "kind": "PodLogOptions", "causes": causes})


def chosen_container(pod: Obj, asked: str) -> str:
    """The container a request means. Raises ApiError 400: several and none named, or no such one."""
    name = pod["metadata"]["name"]
    containers, init = _names(pod, "containers"), _names(pod, "initContainers")
    if asked:
        if asked not in (*containers, *init, *_names(pod, "ephemeralContainers")):
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(containers) == 1:
        return containers[0]
    message = f"a container name must be specified for pod {name}, choose one of: [{' '.join(containers)}]"
    if init:
        message += f" or one of the init containers: [{' '.join(init)}]"
    raise bad_request(message)


def _names(pod: Obj, field: str) -> list[str]:
    return [text(one.get("name")) for one in items(pod["spec"].get(field))]


def chosen_run(pod: Obj, container: str, previous: bool) -> _Run:
    """Which run of the container is meant. Raises ApiError 400 in the kubelet's words where there is none to read."""
    status = _status(pod, container)
    name = pod["metadata"]["name"]
    last = mapping(mapping(status.get("lastState")).get("terminated"))
    state = mapping(status.get("state"))
    waiting, running, ended = (mapping(state.get(phase)) for phase in ("waiting", "running", "terminated"))
    if previous:
        if not last.get("containerID"):
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return _run(last)
    if running:
        begun = parse_timestamp(text(running.get("startedAt"))) or 0.0
        return _Run(begun, None, 0, text(status.get("containerID")))
    if ended.get("containerID"):
        return _run(ended)
    if last.get("containerID"):
        return _run(last)
    reason = text(waiting.get("reason")) or "ContainerCreating"
    why = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {why.get(reason, reason)}')


def _run(terminated: Obj) -> _Run:
    begun = parse_timestamp(text(terminated.get("startedAt"))) or 0.0
    ended = parse_timestamp(text(terminated.get("finishedAt"))) or begun
    return _Run(begun, ended, number(terminated.get("exitCode")), text(terminated.get("containerID")))


def _status(pod: Obj, container: str) -> Obj:
    status = mapping(pod.get("status"))
    fields = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    for one in (one for field in fields for one in items(status.get(field))):
        if one.get("name") == container:
            return mapping(one)
    return {"state": {"waiting": {"reason": "ContainerCreating"}}}


def log_of(behaviours: Behaviours, pod: Obj, container: str, run: _Run) -> LogFile:
    """The file of one run."""
    fields = ("containers", "initContainers", "ephemeralContainers")
    every = (one for field in fields for one in items(pod["spec"].get(field)))
    spec = next((mapping(one) for one in every if one.get("name") == container), {"name": container})
    program = behaviours.program(pod, spec)
    seed = int(run.id.rpartition("/")[2][:16] or "0", 16)
    if program.log == FLOOD:
        return flood_of(started=run.begun, ended=run.ended, rate=program.log_rate, seed=seed)
    if program.log == NUMBERED:
        said = f"{pod['metadata']['name']}/{container} {run.id.rpartition('/')[2][:8]}"
        lines = int(program.facts.get("lines", "0"))
        return NumberedLog(started=run.begun, ended=run.ended, rate=program.log_rate or 1.0, lines=lines, said=said)
    voice = Voice(
        pod=pod["metadata"]["name"],
        namespace=text(pod["metadata"].get("namespace")),
        container=container,
        image=text(spec.get("image")),
        node=text(pod["spec"].get("nodeName")),
        address=text(mapping(pod.get("status")).get("podIP")),
        exit_code=run.exit_code,
        facts=program.facts,
    )
    style = STYLES.get(program.log, STYLES["http"])
    return ContainerLog(style, voice, started=run.begun, ended=run.ended, rate=program.log_rate, seed=seed)


def _never(uid: str, container: str) -> float:
    return math.inf


class PodLogs:
    """Serves the logs of one cluster: a `PodStream`.

    ends_at: when a container (by its pod's uid, and its name) will end, as far as that is settled, so that it writes
    nothing after its end in the moment until its kubelet notices.
    """

    def __init__(self, cluster: ClusterState, behaviours: Behaviours) -> None:
        self._cluster = cluster
        self._behaviours = behaviours
        self._notes: dict[str, list[Note]] = {}  # by the id of a run, as are:
        self._starts: dict[str, int] = {}  # the first entry that rotation has left
        self._lost: dict[str, int] = {}  # the same, where it took what readers had not been sent
        self.ends_at: Callable[[str, str], float] = _never

    def note(self, pod: Obj, container: str, words: str) -> None:
        """Put a line into the log of a container that runs or has run, now."""
        run = chosen_run(pod, container, previous=False)
        self._notes.setdefault(run.id, []).append((self._cluster.now(), words))

    def rotate(self, concerned: Callable[[str, str, str], bool], *, keep: int = 0, unread: bool = False) -> None:
        """Begin the files of some containers (by namespace, pod, name) anew, with their last `keep` lines.

        unread: a reader who follows loses what he had not been sent; else he is sent all of the old file first, as a
        kubelet does that has noticed the rotation in time.
        """
        now = self._cluster.now()
        for pod in self._cluster.store.list(_PODS):
            place = (text(pod["metadata"].get("namespace")), text(pod["metadata"]["name"]))
            for container in (name for name in _names(pod, "containers") if concerned(*place, name)):
                try:
                    run = chosen_run(pod, container, previous=False)
                except ApiError:
                    continue  # has no file yet
                log = self._log(pod, container, run)
                start, _ = tail_of(log, log.span(self._until(pod, container, run, now)), keep)
                self._starts[run.id] = start
                if unread:
                    self._lost[run.id] = start

    def _log(self, pod: Obj, container: str, run: _Run) -> LogFile:
        """The file of one run, with what has been done to it."""
        log = log_of(self._behaviours, pod, container, run)
        if run.id in self._notes:
            log = NotedLog(log, self._notes[run.id])
        return RotatedLog(log, self._starts[run.id]) if run.id in self._starts else log

    async def serve(self, request: web.Request, pod: Obj) -> web.StreamResponse:
        """Raises ApiError before the answer has begun: 400, 422."""
        query = parse_query(request.query, pod["metadata"]["name"], self._cluster.now())
        container = chosen_container(pod, query.container)
        run = chosen_run(pod, container, query.previous) if pod["spec"].get("nodeName") else None
        log = None if run is None else self._log(pod, container, run)
        response = web.StreamResponse(headers={"Content-Type": "text/plain", "Cache-Control": "no-cache, private"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        if run is not None and log is not None:
            left = query.limit
            async for chunk in self._chunks(pod, container, run, log, query, lambda: _has_left(request)):
                cut = chunk if left is None else chunk[:left]
                await response.write(cut)
                if left is not None and (left := left - len(cut)) <= 0:
                    break
        await response.write_eof()
        return response

    async def follow(self, pod: Obj, container: str) -> AsyncIterator[bytes]:
        """What a container that runs writes from now on, until it ends."""
        run = chosen_run(pod, container, False)
        log = self._log(pod, container, run)
        query = LogQuery(container, follow=True, tail=0)
        async for chunk in self._chunks(pod, container, run, log, query, lambda: False):
            yield chunk

    async def _chunks(
        self, pod: Obj, container: str, run: _Run, log: LogFile, query: LogQuery, gone: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        now = self._until(pod, container, run, self._cluster.now())
        position, skip = beginning(log, now, tail=query.tail, since=query.since)
        while True:
            end = log.span(now).stop
            while position < end:
                position = max(position, self._lost.get(run.id, 0))
                if position >= end:
                    break
                upto = min(position + log.piece, end)
                chunk = log.render(position, upto, query.timestamps)
                yield chunk if not skip else chunk.split(b"\n", skip)[skip]
                position, skip = upto, 0
                await asyncio.sleep(0)
            if not query.follow or run.ended is not None:
                return
            await asyncio.sleep(log.look_every)
            if gone():
                return
            run = self._later(pod, container, run)
            now = self._until(pod, container, run, self._cluster.now())
            log = self._log(pod, container, run)

    def _until(self, pod: Obj, container: str, run: _Run, now: float) -> float:
        """Up to when a run has written by `now`."""
        return now if run.ended is not None else min(now, self.ends_at(uid_of(pod), container))

    def _later(self, pod: Obj, container: str, run: _Run) -> _Run:
        """The same run as it is now: whether and how it has ended."""
        live = self._cluster.store.get(_PODS, text(pod["metadata"].get("namespace")), pod["metadata"]["name"])
        if live is None or uid_of(live) != uid_of(pod):
            return _Run(run.begun, float(int(self._cluster.now())), 0, run.id)
        status = _status(live, container)
        states = (mapping(status.get("state")), mapping(status.get("lastState")))
        for ended in (mapping(state.get("terminated")) for state in states):
            if ended.get("containerID") == run.id:
                return _run(ended)
        if text(status.get("containerID")) != run.id:  # two runs on: what is known is that it is over
            return _Run(run.begun, float(int(self._cluster.now())), 0, run.id)
        return run


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
