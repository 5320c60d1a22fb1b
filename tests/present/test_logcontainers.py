"""What is said where pods have no container that is asked for: never silence, and no more than is known."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.logs import LogQuery, LogSource, LogStatus
from tui.present.logcontainers import lacking_words, no_such_container, unknown_containers, unknown_words
from tui.present.logdetails import of_logs
from tui.present.logs import empty_words, sources_words, stream_status, unknown_part

EU = ClusterRef("eu", "prod-eu", Via.GATEWAY)
QUERY = LogQuery((EU,), "payments", workloads=("deploy/api",), containers=("tpyo",))
LACKS = LogSource(0, EU, "payments", "api-0", "", "waiting", lacks=True, there=("app", "proxy"))
OVER = replace(LACKS, state="ended", over=True)
HAS = LogSource(1, EU, "payments", "api-1", "tpyo", "following")
ASKED = LogSource(1, EU, "payments", "api-1", "")


def other(source: LogSource, index: int) -> LogSource:
    return replace(source, index=index, pod=f"api-{index}")


@pytest.mark.parametrize(
    ("sources", "none", "some"),
    [
        ((), "", ""),
        ((ASKED,), "", ""),
        ((LACKS, ASKED), "", ""),
        ((HAS,), "", ""),
        ((LACKS,), "the pod api-0 does not have a container tpyo", ""),
        ((LACKS, other(LACKS, 1)), "none of the 2 pods has a container tpyo", ""),
        ((LACKS, HAS), "", "1 of 2 pods has no container tpyo"),
        ((LACKS, HAS, other(LACKS, 2)), "", "2 of 3 pods have no container tpyo"),
        ((LACKS, replace(HAS, container="two"), HAS), "", "1 of 2 pods has no container tpyo"),
        ((LACKS, replace(HAS, gone=True)), "the pod api-0 does not have a container tpyo", ""),
        ((replace(LACKS, gone=True),), "the pod api-0 does not have a container tpyo", ""),
        ((replace(LACKS, gone=True), HAS), "", ""),
    ],
)
def test_whether_none_has_it_or_some_have_not(sources: tuple[LogSource, ...], none: str, some: str) -> None:
    status = LogStatus(sources, complete=True)
    problem = no_such_container(QUERY, status)
    assert (problem.summary if problem is not None else "", lacking_words(QUERY, status)) == (none, some)
    early = LogStatus(sources)
    assert (no_such_container(QUERY, early), lacking_words(QUERY, early)) == (None, ""), "there may be more pods"


def test_the_containers_that_there_are_can_be_chosen() -> None:
    side = replace(other(OVER, 1), there=("app", *(f"c{number}" for number in range(9))))
    problem = no_such_container(QUERY, LogStatus((LACKS, side), complete=True))
    assert problem is not None
    assert problem.remedy == ("choose of: app, proxy, c0, c1, c2, c3, c4, c5 and 3 more; one that is added is followed")
    ended = no_such_container(QUERY, LogStatus((OVER,), complete=True))
    assert ended is not None
    assert ended.remedy == "choose of: app, proxy"


def test_two_that_are_asked_for() -> None:
    query = replace(QUERY, containers=("tpyo", "tyop\x1b[2J"))
    problem = no_such_container(query, LogStatus((OVER,), complete=True))
    assert problem is not None
    assert problem.summary.startswith("the pod api-0 does not have any container tpyo or tyop")
    assert "\x1b" not in problem.summary


APP = replace(HAS, container="app", there=("app", "proxy"))
TWO_WORDS = replace(QUERY, containers=("app", "tpyo"))
LATER = "; one that is added is followed"


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ((APP,), f"the pod api-1 does not have a container tpyo: choose of: app, proxy{LATER}"),
        ((APP, LACKS), f"none of the 2 pods has a container tpyo: choose of: app, proxy{LATER}"),
        ((replace(APP, over=True),), "the pod api-1 does not have a container tpyo: choose of: app, proxy"),
        ((APP, other(HAS, 2)), ""),
        ((replace(APP, there=()), HAS), ""),
        ((LACKS,), ""),
        ((), ""),
        ((APP, ASKED), ""),
    ],
    ids=["one pod", "two", "ended", "another has it", "it has both", "it has none", "no pods", "not known yet"],
)
def test_a_name_that_no_pod_has_beside_one_that_there_is(sources: tuple[LogSource, ...], words: str) -> None:
    status = LogStatus(sources, complete=True)
    unknown = unknown_containers(TWO_WORDS, status)
    assert (unknown, bool(unknown_part(TWO_WORDS, status).text)) == (("tpyo",) if words else (), bool(words))
    assert not unknown or unknown_words(TWO_WORDS, unknown, status) == words
    texts = [line.text for line in of_logs(TWO_WORDS, Feed(status, 0.0), 0.0).lines]
    assert not words or words in texts
    assert unknown_containers(TWO_WORDS, LogStatus(sources)) == (), "there may be more pods"
    assert unknown_containers(replace(TWO_WORDS, containers=("app",)), status) == ()


def test_what_is_read_to_its_end_gets_no_more_containers() -> None:
    query = replace(TWO_WORDS, follow=False)
    said = unknown_words(query, ("tpyo",), LogStatus((APP,), complete=True))
    assert said == "the pod api-1 does not have a container tpyo: choose of: app, proxy"


def test_one_pod_that_is_named_is_known_without_a_list() -> None:
    query = LogQuery((EU,), "payments", pods=("api-1",), containers=("app", "tpyo"))
    assert unknown_containers(query, LogStatus((APP,))) == ("tpyo",)
    assert no_such_container(query, LogStatus((LACKS,))) is not None
    assert unknown_containers(replace(query, namespace=""), LogStatus((APP,))) == ()


def test_the_border_names_two_and_counts_the_rest() -> None:
    query = replace(TWO_WORDS, containers=("app", "a", "b\x1b[2J", "c", "d"))
    part = unknown_part(query, LogStatus((APP,), complete=True))
    assert part.text == "no container a or b␛[2J +2"


def test_the_pane_says_it_instead_of_an_empty_log() -> None:
    status = LogStatus((LACKS,), complete=True)
    said = empty_words(QUERY, status)
    assert said.startswith("The pod api-0 does not have a container tpyo: choose of: app, proxy")
    assert stream_status(status.sources, Feed(status, 0.0), 0.0, following=True).words == "no such container"
    both = (LACKS, HAS)
    fares = stream_status(both, Feed(LogStatus(both, complete=True), 0.0), 0.0, following=True)
    assert (fares.words, sources_words(both)) == ("following", "1 stream")


def test_the_details_count_them_and_say_which() -> None:
    lines = of_logs(QUERY, Feed(LogStatus((LACKS, HAS), complete=True), 0.0), 0.0).lines
    texts = [line.text for line in lines]
    assert "1 of 2 pods has no container tpyo" in texts
    assert "prod-eu payments/api-0  has no such container: app, proxy" in texts


def test_lines_that_wait_for_older_ones_are_no_empty_log() -> None:
    status = LogStatus((HAS,), received=1204, complete=True)
    assert empty_words(QUERY, status) == "1,204 lines of 1 stream have come, and are put in order…"
