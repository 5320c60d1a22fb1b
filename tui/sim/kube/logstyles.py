"""What containers print: for each style of log the lines of a start, of ordinary life, and of an end.

Hostile lines belong to ordinary life (a client that sends escape sequences in its user agent, text that looks like
markup), since a log is data from strangers. Every line follows from a position in the log alone (see `dice`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from tui.sim.kube.dice import Dice

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who is speaking. facts: what only the scenario knows (the membership an agent serves, what a command echoes)."""

    pod: str = "pod"
    namespace: str = "default"
    container: str = "app"
    image: str = "app:1.0"
    node: str = "node"
    address: str = ""
    exit_code: int = 0
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


def _nothing(voice: Voice, when: float, dice: Dice) -> Lines:
    return ()


Speech = Callable[[Voice, float, Dice], Lines]
"""The lines said at `when` (seconds since the epoch); dice: this moment's chance."""


@dataclass(frozen=True, slots=True)
class Style:
    """opening: one entry per line, said within the first second; entry: at the log's rate; closing: when a run ends."""

    entry: Speech
    opening: Speech = _nothing
    closing: Speech = _nothing


@lru_cache(maxsize=64)
def _second(form: str, second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime(form)


def stamp(form: str, when: float, digits: int = 0) -> str:
    """`when` by strftime, with that many digits of the fraction after it."""
    second = int(when)
    text = _second(form, second)
    return text + f"{int((when - second) * 10**digits):0{digits}d}" if digits else text


def go_stamp(when: float) -> str:
    """Go's log package with microseconds."""
    return stamp("%Y/%m/%d %H:%M:%S.", when, 6)


_HOSTILE = (
    "\x1b[31mroot\x1b[0m",
    "\x1b]0;owned\x07",
    "[bold red]urgent[/bold red]",
    "[/] [link=https://example.com]click[/link]",
    "caf\u00e9 \u2615 \u202egnp.exe",
    "a\tb\x00c\x08\x08",
    "'; DROP TABLE orders; --",
    "<script>alert(1)</script>",
)
_PATHS = ("/healthz", "/api/v1/orders", "/api/v1/orders/{}", "/api/v1/carts/{}/items", "/login", "/static/app.{}.js")
_AGENTS = ("okhttp/4.12.0", "kube-probe/1.33", "Mozilla/5.0 (X11; Linux x86_64)", "Go-http-client/2.0", "curl/8.9.1")
_STATUSES = (200, 200, 200, 200, 200, 200, 200, 200, 201, 204, 301, 304, 400, 401, 404, 404, 500, 502)


def _http(voice: Voice, when: float, dice: Dice) -> Lines:
    client = f"10.{dice.below(200)}.{dice.below(255)}.{dice.below(255)}"
    path = dice.pick(_PATHS).format(dice.between(1000, 99999))
    if dice.one_in(300):
        time = stamp("%Y/%m/%d %H:%M:%S", when)
        return (
            f"{time} [error] 29#29: *{dice.below(10**6)} upstream timed out (110: Connection timed out) while reading "
            f'response header from upstream, client: {client}, server: _, request: "GET {path} HTTP/1.1", '
            f'upstream: "http://10.8.2.{dice.below(255)}:8080{path}"',
        )
    agent = dice.pick(_HOSTILE) if dice.one_in(150) else dice.pick(_AGENTS)
    time = stamp("%d/%b/%Y:%H:%M:%S +0000", when)
    status, size, took = dice.pick(_STATUSES), dice.skewed(90, 60_000), dice.skewed(1, 3000) / 1000
    return (f'{client} - - [{time}] "GET {path} HTTP/1.1" {status} {size} "-" "{agent}" {took:.3f}',)


def _http_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    time = stamp("%Y/%m/%d %H:%M:%S", when)
    return (
        f"{time} [notice] 1#1: nginx/1.27.3",
        f"{time} [notice] 1#1: OS: Linux 6.6.56+",
        f"{time} [notice] 1#1: start worker processes",
        f"{time} [notice] 1#1: start worker process 29",
    )


_QUEUES = ("invoices", "emails", "thumbnails", "exports", "webhooks")


def _python(when: float) -> str:
    return stamp("%Y-%m-%d %H:%M:%S,", when, 3)


def _worker(voice: Voice, when: float, dice: Dice) -> Lines:
    queue, job = dice.pick(_QUEUES), dice.hex(12)
    if dice.one_in(120):
        return (
            f"{_python(when)} ERROR worker.jobs: job {job} failed, attempt {dice.between(1, 4)} of 5 queue={queue}",
            "Traceback (most recent call last):",
            '  File "/app/worker/jobs.py", line 83, in run',
            "    result = handler(payload)",
            '  File "/app/worker/handlers.py", line 212, in send',
            "    response.raise_for_status()",
            "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: "
            f"https://hooks.example.com/{queue}",
        )
    if dice.one_in(200):
        return (f"{_python(when)} WARNING worker.input: odd subject {dice.pick(_HOSTILE)} queue={queue}",)
    took = dice.skewed(4, 4000)
    return (f"{_python(when)} INFO worker.jobs: job {job} done in {took} ms queue={queue}",)


def _worker_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    return (
        f"{_python(when)} INFO worker: starting on {voice.pod}, 4 threads, prefetch 16",
        f"{_python(when)} INFO worker.broker: connected to amqp://rabbitmq.{voice.namespace}.svc:5672",
    )


def _worker_closing(voice: Voice, when: float, dice: Dice) -> Lines:
    if voice.exit_code == 0:
        return (f"{_python(when)} INFO worker: no jobs left, exiting",)
    return (
        f"{_python(when)} CRITICAL worker: unhandled exception, exiting with {voice.exit_code}",
        "Traceback (most recent call last):",
        '  File "/app/worker/__main__.py", line 41, in main',
        "    settings = Settings.from_environment()",
        '  File "/app/worker/settings.py", line 66, in from_environment',
        "    raise ConfigurationError(name)",
        "worker.settings.ConfigurationError: required variable WEBHOOK_SIGNING_KEY is not set",
    )


_EVENTS = ("charge captured", "charge authorised", "refund queued", "webhook delivered", "idempotent replay")


def _json(voice: Voice, when: float, dice: Dice) -> Lines:
    record: dict[str, object] = {
        "ts": stamp("%Y-%m-%dT%H:%M:%S.", when, 3) + "Z",
        "level": "info",
        "logger": f"{voice.namespace}.{voice.container}",
        "msg": dice.pick(_EVENTS),
        "trace_id": dice.hex(16) + dice.hex(16),
        "amount": dice.skewed(100, 250_000),
        "currency": dice.pick(("EUR", "USD", "GBP")),
        "duration_ms": dice.skewed(3, 1800),
    }
    if dice.one_in(90):
        record["level"] = "error"
        record["msg"] = "charge declined by issuer"
        record["error"] = "issuer: do_not_honor\n\tat gateway.Charge(charge.go:118)\n\tat api.handle(api.go:57)"
    elif dice.one_in(200):
        record["level"] = "warn"
        record["msg"] = f"unusual cardholder name {dice.pick(_HOSTILE)}"
    return (json.dumps(record, separators=(",", ":"), ensure_ascii=False),)


def _json_closing(voice: Voice, when: float, dice: Dice) -> Lines:
    level = "info" if voice.exit_code == 0 else "fatal"
    said = "shut down" if voice.exit_code == 0 else "cannot continue: database migration 0042 is missing"
    time = stamp("%Y-%m-%dT%H:%M:%S.", when, 3) + "Z"
    return (json.dumps({"ts": time, "level": level, "msg": said}, separators=(",", ":")),)


_STATEMENTS = (
    "UPDATE orders SET state = 'paid' WHERE id = {}",
    "INSERT INTO orders (id, customer) VALUES ({}, 7)",
    "SELECT * FROM carts WHERE customer = {} FOR UPDATE",
)


def _postgres(voice: Voice, when: float, dice: Dice) -> Lines:
    time, process = stamp("%Y-%m-%d %H:%M:%S.", when, 3), dice.between(40, 900)
    if dice.one_in(12):
        id = dice.between(1000, 99999)
        return (
            f'{time} UTC [{process}] ERROR:  duplicate key value violates unique constraint "orders_pkey"',
            f"{time} UTC [{process}] DETAIL:  Key (id)=({id}) already exists.",
            f"{time} UTC [{process}] STATEMENT:  INSERT INTO orders (id, customer) VALUES ({id}, 7)",
        )
    if dice.one_in(4):
        buffers = dice.skewed(1, 9000)
        return (
            f"{time} UTC [27] LOG:  checkpoint complete: wrote {buffers} buffers ({buffers / 163.84:.1f}%); "
            f"0 WAL file(s) added, 0 removed, {dice.below(3)} recycled; write={dice.part() * 90:.3f} s, "
            f"sync=0.00{dice.below(9)} s, total={dice.part() * 90:.3f} s",
        )
    statement = dice.pick(_STATEMENTS).format(dice.between(1000, 99999))
    return (f"{time} UTC [{process}] LOG:  duration: {dice.skewed(250, 9000)}.{dice.below(999):03d} ms  {statement}",)


def _postgres_opening(voice: Voice, when: float, dice: Dice) -> Lines:
    time = stamp("%Y-%m-%d %H:%M:%S.", when, 3)
    return (
        "PostgreSQL Database directory appears to contain a database; Skipping initialization",
        f"{time} UTC [1] LOG:  starting PostgreSQL 16.6 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
        f'{time} UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
        f"{time} UTC [29] LOG:  database system was shut down at {stamp('%Y-%m-%d %H:%M:%S', when - 9)} UTC",
        f"{time} UTC [1] LOG:  database system is ready to accept connections",
    )


_JAVA = "%Y-%m-%dT%H:%M:%S."


def _java(voice: Voice, when: float, dice: Dice) -> Lines:
    time, thread, order = stamp(_JAVA, when, 3) + "Z", dice.between(1, 10), dice.between(1000, 99999)
    if not dice.one_in(40):
        said = dice.pick(("accepted", "priced", "handed to fulfilment", "cancelled by customer"))
        return (
            f"{time}  INFO 1 --- [nio-8080-exec-{thread}] c.e.checkout.OrderService : order {order} {said} "
            f"in {dice.skewed(2, 900)} ms",
        )
    return (
        f"{time} ERROR 1 --- [nio-8080-exec-{thread}] c.e.checkout.OrderService : order {order} failed",
        "java.util.concurrent.TimeoutException: no answer from inventory within 2000 ms",
        "\tat com.example.checkout.InventoryClient.reserve(InventoryClient.java:118)",
        f"\tat com.example.checkout.OrderService.place(OrderService.java:{dice.between(60, 90)})",
        "\tat com.example.checkout.OrderController.post(OrderController.java:41)",
        "Caused by: java.net.SocketTimeoutException: Read timed out",
        "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)",
        "\t... 14 more",
    )


def _go_closing(voice: Voice, when: float, dice: Dice) -> Lines:
    """How most things end: asked to (SIGTERM), or by a panic."""
    if voice.exit_code in (0, 143):
        return (f"{go_stamp(when)} received terminated, shutting down",)
    return (
        "panic: runtime error: invalid memory address or nil pointer dereference",
        "[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x7f2c41]",
        "",
        "goroutine 1 [running]:",
        f"main.(*Server).warmCache(0x0, {{0xc000{dice.hex(6)}, 0x12}})",
        "\t/src/server/cache.go:77 +0x41",
        "main.main()",
        "\t/src/main.go:31 +0x18a",
    )


def _klog(voice: Voice, when: float, dice: Dice) -> Lines:
    head = f"{stamp('I%m%d %H:%M:%S.', when, 6)}       1"
    services, took = dice.between(20, 90), dice.skewed(2, 60)
    return (f'{head} proxier.go:805] "SyncProxyRules complete" elapsed="{took}.{dice.below(1000):03d}ms" n={services}',)


_LOOKUPS = ("api.payments", "kubernetes.default", "rabbitmq.jobs", "db.orders", "telemetry.monitoring")


def _coredns(voice: Voice, when: float, dice: Dice) -> Lines:
    code = "NXDOMAIN" if dice.one_in(20) else "NOERROR"
    client = f"10.8.{dice.below(9)}.{dice.below(255)}:{dice.between(32768, 60999)}"
    return (
        f'[INFO] {client} - {dice.below(65535)} "A IN {dice.pick(_LOOKUPS)}.svc.cluster.local. udp 52 false 512" '
        f"{code} qr,aa,rd 102 0.000{dice.between(50, 999)}s",
    )


def _said(voice: Voice, when: float, dice: Dice) -> Lines:
    return tuple(voice.facts.get("output", "").splitlines())


HTTP = Style(_http, _http_opening, _go_closing)
WORKER = Style(_worker, _worker_opening, _worker_closing)
JSON = Style(_json, closing=_json_closing)
POSTGRES = Style(_postgres, _postgres_opening)
JAVA = Style(_java, closing=_go_closing)
KLOG = Style(_klog)
COREDNS = Style(_coredns)
SAID = Style(_nothing, opening=_said)
SILENT = Style(_nothing)
