"""Header, log border, explanations and details: what is said, and that a server's text is only ever text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from tui.errors import Problem, ProblemKind
from tui.model.changes import Lock
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Gap
from tui.model.kube import PODS, ClusterTable, Column, KindRef, ResourceQuery, ResourceView, Row, Table
from tui.model.logs import YOU, LogGap, LogQuery, LogSource, LogStatus
from tui.model.objects import ObjectRef
from tui.model.session import Identity, Meter
from tui.model.turnline import with_turns
from tui.present.details import Details, context_name, gateway_commands, of_feed, of_view
from tui.present.header import breadcrumbs, lock_part, session_parts
from tui.present.logdetails import of_logs
from tui.present.logs import counters, empty_words, log_title, stream_status
from tui.present.object import Tab, by_hand, crumbs, instead, title_of
from tui.present.parts import Part, fit, joined
from tui.present.problems import Line, cause, explanation, one_line
from tui.present.sourcenames import source_labels, source_style
from tui.present.states import Shown

NOW = 1795356132.0
EVIL = "\x1b[31m\x07a\u202eb"
PROBLEM = Problem(
    ProblemKind.FORBIDDEN,
    "Listing was refused",
    server_words="Permission denied\non resource",
    remedy="gcloud do this\ngcloud do that",
    status=403,
    target="https://example.com/v1",
)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def session(identity: Feed[Identity], meter: Feed[Meter]) -> str:
    return joined(session_parts(identity, meter, Lock(), NOW))


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        (None, "READ-ONLY"),
        (Lock(), "READ-ONLY"),
        (Lock(NOW), "READ-ONLY"),
        (Lock(NOW - 5), "READ-ONLY"),
        (Lock(NOW + 300), "WRITE 5:00"),
        (Lock(NOW + 271.2), "WRITE 4:32"),
        (Lock(NOW + 0.4), "WRITE 0:01"),
    ],
)
def test_writing_is_counted_down(lock: Lock | None, said: str) -> None:
    assert lock_part(lock, NOW).text == said


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (Feed(), "signing in… · READ-ONLY · 14:02:12"),
        (Feed(problem=PROBLEM), "× not signed in · READ-ONLY · 14:02:12"),
        (Feed(Identity(), NOW), "× not signed in · READ-ONLY · 14:02:12"),
        (Feed(Identity("ana@x"), NOW), "ana@x · READ-ONLY · 14:02:12"),
        (Feed(Identity("ana@x", azure="ana@x"), NOW), "ana@x · READ-ONLY · 14:02:12"),
        (Feed(Identity("ana@x", azure="bob@y"), NOW), "ana@x · bob@y · READ-ONLY · 14:02:12"),
        (Feed(Identity("a", token_expires=NOW + 3120), NOW), "a · token 52m · READ-ONLY · 14:02:12"),
        (
            Feed(Identity("a", azure="6180bc1e-7ba1-5597-95c0-5016e8faaa9c"), NOW),
            "a · 6180bc1e-7ba1-5597-95c0-5016e8faaa9c · READ-ONLY · 14:02:12",
        ),
        (Feed(Identity("a", token_expires=NOW - 1), NOW), "a · ! token expired · READ-ONLY · 14:02:12"),
    ],
)
def test_the_header_says_who_we_are(identity: Feed[Identity], said: str) -> None:
    assert session(identity, Feed()) == said


def test_the_header_says_what_we_use_and_warns_near_the_limit() -> None:
    calm = session_parts(Feed(), Feed(Meter(31, 600, 2, 10), NOW), Lock(NOW + 9), NOW)
    assert joined(calm) == "signing in… · WRITE 0:09 · 31/600 rpm · streams 2/10 · 14:02:12"
    idle = session_parts(Feed(), Feed(Meter(31, 600, 0, 10), NOW), None, NOW)
    assert "streams" not in joined(idle), "followed logs are none of the streams that the gateway counts"
    busy = session_parts(Feed(), Feed(Meter(500, 600, 9, 10, waiting=4), NOW), None, NOW)
    assert {part.text: part.style for part in busy}["500/600 rpm"] == "warn"
    assert "! 4 waiting" in joined(busy)


def test_breadcrumbs_end_where_we_are() -> None:
    parts = breadcrumbs("fleets", ["a", "b", "c", "d"], "pods", "web", "app=x")
    assert [part.text for part in parts] == ["fleets", "a, b +2", "pods", "web", "app=x"]
    assert parts[-1].style == "bold"
    assert parts[-1].importance == 0


def test_breadcrumbs_keep_what_is_listed_longer_than_of_which_clusters() -> None:
    parts = breadcrumbs("fleets", ["analytics-azure", "batch-ap", "c"], "deploy", "payments", "")
    said = [" › ".join(part.text for part in fit(parts, room, 3)) for room in (60, 45, 33, 20)]
    assert said == [
        "fleets › analytics-azure, batch-ap +1 › deploy › payments",
        "3 clusters › deploy › payments",
        "3 clusters › deploy › payments",
        "deploy › payments",
    ]


def test_an_explanation_has_server_words_meaning_cure_and_next_try() -> None:
    lines = explanation(PROBLEM, NOW, NOW + 30)
    assert [(line.label, line.text) for line in lines] == [
        ("", "× Listing was refused"),
        ("server", "Permission denied"),
        ("", "on resource"),
        ("means", f"forbidden (403). {cause(PROBLEM)}"),
        ("asked", "https://example.com/v1"),
        ("to fix", "gcloud do this"),
        ("", "gcloud do that"),
        ("next", "retry in 30s"),
    ]
    assert Details("x", tuple(lines)).copy == "gcloud do this\ngcloud do that"


def test_every_kind_of_failure_has_a_meaning() -> None:
    assert len({cause(Problem(kind, "")) for kind in ProblemKind}) == len(ProblemKind)


def test_the_strip_names_who_what_and_the_servers_words() -> None:
    assert one_line(PROBLEM, "prod-eu") == "× prod-eu: Listing was refused: Permission denied␊on resource"
    assert one_line(Problem(ProblemKind.TIMEOUT, "too slow")) == "× too slow"


def texts(lines: list[Line] | tuple[Line, ...]) -> str:
    return "\n".join(f"{line.label} {line.text}" for line in lines)


def test_no_text_of_a_server_reaches_the_screen_as_it_is() -> None:
    evil = Problem(ProblemKind.SERVER, EVIL, EVIL, EVIL, target=EVIL)
    cluster = ClusterRef(EVIL, EVIL, Via.CONTEXT)
    row = Row("u", EVIL, EVIL, (EVIL, EVIL), labels={EVIL: EVIL})
    part = ClusterTable(cluster, Feed(Table(PODS, (), {row.key: row}), NOW, problem=evil, gaps=(Gap(EVIL, evil),)))
    shown = ResourceView(ResourceQuery("pods", (cluster,)), PODS, (Column("Name"), Column(EVIL)), (part,))
    source = LogSource(0, cluster, EVIL, EVIL, EVIL, "waiting", evil)
    query = LogQuery((cluster, cluster), pods=(EVIL,))
    ref = ObjectRef(cluster, KindRef(EVIL, EVIL, EVIL, EVIL), EVIL, EVIL)
    detailed = by_hand(ref, Tab.YAML)
    said = [
        texts(explanation(evil, NOW)),
        one_line(evil, EVIL),
        texts(detailed.lines),
        detailed.title,
        detailed.copy,
        title_of(ref),
        joined(crumbs(ref, Tab.YAML)),
        texts(instead(ref, Feed(problem=evil), NOW)),
        texts(of_view("x", Feed(shown, NOW), NOW).lines),
        texts(of_logs(query, Feed(LogStatus((source,)), NOW), NOW).lines),
        of_logs(query, Feed(), NOW).title,
        texts(of_feed("x", Feed(None, gaps=(Gap(EVIL, evil),)), NOW)),
        log_title(query),
        empty_words(query, None),
        *source_labels((source,), query),
        joined(breadcrumbs("fleets", [EVIL], EVIL, EVIL, EVIL)),
        session(Feed(Identity(EVIL, azure=EVIL + "2"), NOW), Feed()),
        *gateway_commands(f"projects/{EVIL}/locations/{EVIL}/memberships/{EVIL}"),
    ]
    for text in said:
        assert not {"\x1b", "\x07", "\u202e"} & set(text), text


GATEWAY = ClusterRef("projects/acme/locations/global/memberships/plant-7", "plant-7", Via.GATEWAY)


@pytest.mark.parametrize(
    ("cluster", "context"),
    [
        (GATEWAY, "connectgateway_acme_global_plant-7"),
        (ClusterRef("/subscriptions/0/x", "aks-1", Via.AKS), "aks-1"),
        (ClusterRef("context:kind-dev", "kind-dev", Via.CONTEXT), "kind-dev"),
    ],
)
def test_the_context_is_the_one_gcloud_or_az_would_have_written(cluster: ClusterRef, context: str) -> None:
    assert context_name(cluster) == context


def test_the_commands_of_a_membership_can_be_pasted() -> None:
    assert gateway_commands(GATEWAY.key)[1] == (
        "gcloud container fleet memberships get-credentials plant-7 --location=global --project=acme"
    )
    assert gateway_commands("nonsense") == []


OTHER = replace(GATEWAY, key="k", name="plant-9")
AGENT = LogSource(0, GATEWAY, "gke-connect", "gke-connect-agent-7d9-x2f1p", "agent")
SIDE = replace(AGENT, index=1, container="proxy")
WEB = LogSource(2, GATEWAY, "web", "front-59b-4hq2z", "web")


@pytest.mark.parametrize(
    ("source", "query", "sources", "label"),
    [
        (AGENT, LogQuery((GATEWAY,), agents=True), (AGENT,), "x2f1p"),
        (AGENT, LogQuery((GATEWAY, OTHER), agents=True), (AGENT,), "plant-7/x2f1p"),
        (AGENT, LogQuery((GATEWAY,), agents=True), (AGENT, SIDE), "x2f1p/agent"),
        (WEB, LogQuery((GATEWAY,), "web", pods=("front-59b-4hq2z",)), (WEB,), "web"),
        (WEB, LogQuery((GATEWAY,), "web", labels="app=front"), (WEB,), "4hq2z"),
        (WEB, LogQuery((GATEWAY, OTHER), "web", labels="app=front"), (WEB,), "plant-7/4hq2z"),
    ],
)
def test_a_source_is_labelled_by_what_tells_it_from_the_others(
    source: LogSource, query: LogQuery, sources: tuple[LogSource, ...], label: str
) -> None:
    assert source_labels(sources, query)[sources.index(source)] == label


LEDGER = replace(WEB, index=3, namespace="payments", pod="ledger-db-0", container="db")
REDIS = replace(LEDGER, index=4, pod="redis-0", container="redis")


@pytest.mark.parametrize(
    ("sources", "query", "labels"),
    [
        ((LEDGER, REDIS), LogQuery((GATEWAY,)), ["ledger-db-0", "redis-0"]),
        ((REDIS, replace(REDIS, index=5, namespace="web")), LogQuery((GATEWAY,)), ["payments/redis-0", "web/redis-0"]),
        (
            (replace(WEB, pod="a-59b-4hq2z"), replace(WEB, pod="b-59b-4hq2z")),
            LogQuery((GATEWAY,)),
            ["a-59b-4hq2z", "b-59b-4hq2z"],
        ),
        (
            (REDIS, replace(REDIS, index=5, namespace="web")),
            LogQuery((GATEWAY, OTHER), pods=("redis-0",)),
            ["plant-7/payments/redis-0", "plant-7/web/redis-0"],
        ),
        ((REDIS, replace(REDIS, index=5)), LogQuery((GATEWAY,)), ["payments/redis-0#4", "payments/redis-0#5"]),
    ],
)
def test_no_two_sources_are_called_the_same(sources: tuple[LogSource, ...], query: LogQuery, labels: list[str]) -> None:
    assert source_labels(sources, query) == labels


def test_clusters_beside_each_other_have_different_colours() -> None:
    query = LogQuery((GATEWAY, OTHER), agents=True)
    assert source_style(AGENT, query) != source_style(replace(AGENT, cluster=OTHER), query)


@pytest.mark.parametrize(
    ("states", "following", "shown", "words"),
    [
        ([], True, Shown.EMPTY, "no pods"),
        (["opening", "opening"], True, Shown.LOADING, "opening"),
        (["following", "opening"], True, Shown.LIVE, "following"),
        (["following", "following"], False, Shown.LIVE, "paused"),
        (["following", "waiting"], True, Shown.PARTIAL, "following 1 of 2"),
        (["following", "ended"], True, Shown.LIVE, "following"),
        (["waiting", "waiting"], True, Shown.STALE, "waiting to reopen"),
        (["ended", "ended"], True, Shown.EMPTY, "ended"),
    ],
)
def test_streams_fare_together(states: list[str], following: bool, shown: Shown, words: str) -> None:
    sources = tuple(replace(AGENT, index=number, state=state) for number, state in enumerate(states))
    status = stream_status(sources, Feed(LogStatus(sources), NOW), NOW, following=following)
    assert (status.shown, status.words) == (shown, words)


def test_a_log_view_that_fails_as_a_whole_is_stale_or_failed() -> None:
    read = LogStatus((AGENT,), received=7)
    stale = stream_status((AGENT,), Feed(read, NOW - 60, problem=PROBLEM), NOW, following=True)
    assert stale.words == "stale since 14:01:12"
    silent = Feed(replace(read, received=0), NOW - 60, problem=PROBLEM)
    assert stream_status((AGENT,), silent, NOW, following=True).shown is Shown.FAILED, "no line is there to be old"
    assert stream_status((), Feed(problem=PROBLEM), NOW, following=True).shown is Shown.FAILED
    never = stream_status((), Feed(LogStatus(), problem=PROBLEM), NOW, following=True)
    assert (never.shown, never.words) == (Shown.FAILED, "failed"), "nothing was ever followed, so nothing is stale"


def test_the_counters_prove_what_was_lost() -> None:
    cut = LogStatus(received=1204, evicted=1004)
    assert "1,004 older left the ring" in [part.text for part in counters(cut, 0, from_top=True)]
    assert not any("older" in part.text for part in counters(cut, 0))  # whose end is looked at misses nothing
    full = counters(LogStatus(received=1204, held=YOU), 0)
    assert Part("full: reading waits for you; G follows, ctrl+s saves all", "warn", 1, "full: waits for you") in full
    assert "held up by the file" in joined(counters(LogStatus(held="the file"), 0))
    whole = counters(LogStatus(received=1204, repeated=3, late=1), 7)
    assert joined(whole) == "7 new · 1,204 received · 0 lost · 3 repeated · 1 late"
    turned = LogStatus((with_turns(replace(AGENT, late=5), 4),), received=9, late=6)
    assert joined(counters(turned, 0)) == "9 received · 0 lost · 0 repeated · 2 late · 4 late by turns"
    gaps = (LogGap(0, 10**9, 31 * 10**9), LogGap(1, 50 * 10**9, 61 * 10**9))
    broken = counters(LogStatus(received=1204, gaps=2, lately=gaps), 0)
    assert joined(broken) == "1,204 received · 2 gaps over 41s · 0 repeated · 0 late"
    assert Part("2 gaps over 41s", "bad", 2, "2 gaps") in broken


def test_an_empty_log_pane_says_which_kind_of_empty_it_is() -> None:
    query = LogQuery((GATEWAY,), agents=True)
    said = {
        empty_words(query, status)
        for status in (
            None,
            LogStatus(),
            LogStatus((replace(AGENT, state="opening"),)),
            LogStatus((replace(AGENT, state="following"),)),
            LogStatus((replace(AGENT, state="ended"),)),
            LogStatus((replace(AGENT, state="waiting"),)),
        )
    }
    assert len(said) == 6


def test_an_empty_sc_system_is_said_to_be_healthy() -> None:
    aks = LogQuery((ClusterRef("/sub/aks", "aks-1", Via.AKS),), agents=True)
    assert "No pods in sc-system of aks-1. That is as it should be" in empty_words(aks, LogStatus())
    assert "as it should be" not in empty_words(LogQuery((GATEWAY,), agents=True), LogStatus())
    status = stream_status((), Feed(LogStatus(), NOW), NOW, following=True)
    assert (status.mark, status.words) == ("∅", "no pods"), "and not something that is still awaited"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem(ProblemKind.UNREACHABLE, "x"), "Nothing answered"),
        (Problem(ProblemKind.UNREACHABLE, "x", status=404), "Something on the way answered"),
        (Problem(ProblemKind.INVALID, "x"), "nothing was sent"),
        (Problem(ProblemKind.INVALID, "x", status=400), "The server did not accept"),
        (Problem(ProblemKind.FORBIDDEN, "writing is locked"), "nothing was sent"),
        (Problem(ProblemKind.FORBIDDEN, "x", status=403), "not allowed to do this"),
        (Problem(ProblemKind.FORBIDDEN, "x", "denied"), "not allowed to do this"),
    ],
)
def test_what_a_failure_means_does_not_deny_the_answer_that_was_given(problem: Problem, words: str) -> None:
    assert words in cause(problem)


def test_the_title_says_whose_lines_these_are() -> None:
    aks = ClusterRef("/sub/aks", "aks-1", Via.AKS)
    assert log_title(None) == ""
    assert log_title(LogQuery((GATEWAY,), agents=True)) == "connect agents · plant-7"
    assert log_title(LogQuery((aks,), agents=True)) == "Service Connector pods · aks-1"
    assert log_title(LogQuery((GATEWAY,) * 5, agents=True)) == "connect agents · plant-7, plant-7, plant-7 +2"
    assert log_title(LogQuery((aks,), "web", pods=("api",), previous=True)) == "api (previous) · aks-1"
