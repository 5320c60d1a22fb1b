"""The table of known lines: each entry is found by a line as it really looks, and by none of the others' lines."""

from __future__ import annotations

import re

import pytest

from tests.diagnose.lines import LINES
from tui.diagnose.entries import Page, described, documented
from tui.diagnose.known import BY_CODE, TABLE, known

QUOTED: dict[Page, dict[str, str]] = {
    Page.STREAMS: {
        "CV101": "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource",
        "CV102": "...generic::failed_precondition: failed to connect to the cluster's API Server with response "
        "(status=403 Forbidden...",
        "CV103": "generic::resource_exhausted: connectgateway.googleapis.com/active_streams",
        "CV104": "generic::failed_precondition: error encountered within the cluster",
        "CV107": "failed to create the websocket connection...",
    },
    Page.GATEWAY: {"CV106": "cannot find active connections for cluster(project: 12345, membership: my-cluster)"},
    Page.CONNECTOR: {
        "CV170": "Unable to get a response from the agent in time",
        "CV171": "Timed out waiting for resource readiness",
    },
    Page.EXTENSIONS: {
        "CV145": "FailedScheduling … untolerated taint {CriticalAddonsOnly: true}",
        "CV172": "Errorcode: 403, Message This traffic is not authorized",
    },
    Page.ENTRA: {"CV125": "AADSTS50058"},
    Page.QUOTA: {"CV143": 'pods "quota-mem-cpu-demo-2" is forbidden: exceeded quota: mem-cpu-demo,'},
    Page.MEMORY: {"CV150": "memory-demo-2   0/1       OOMKilled   1          24s"},
    Page.KNATIVE: {"CV142": 'admission webhook "webhook.knative.dev" denied the request: mutation failed'},
}
"""What each page quotes, as it stands there (of the quota's message, its two names), by what is said to be documented
by it."""


@pytest.mark.parametrize(("code", "line"), LINES, ids=[f"{code}-{n}" for n, (code, _) in enumerate(LINES)])
def test_a_line_is_known_under_its_code(code: str, line: str) -> None:
    found = known(line)
    assert found is not None
    assert found.code == code


def test_every_entry_has_a_line_of_its_own_here() -> None:
    assert {code for code, _ in LINES} == set(BY_CODE)


def test_codes_are_unique_and_say_where_they_are_known_from() -> None:
    assert len(BY_CODE) == len(TABLE)
    for one in TABLE:
        assert re.fullmatch(r"CV1\d\d", one.code)
        assert one.fix
        assert one.cause.endswith(".")
        how, _, whose = one.source.partition(": ")
        assert how in {"documented", "described", "source", "recorded", "reported", "general knowledge"}
        assert whose


@pytest.mark.parametrize("page", list(Page), ids=[page.name for page in Page])
def test_a_documented_line_is_found_by_what_its_page_quotes(page: Page) -> None:
    codes = {one.code for one in TABLE if one.source == documented(page)}
    assert codes == set(QUOTED[page])
    for code, words in QUOTED[page].items():
        assert re.search(BY_CODE[code].pattern, words, re.IGNORECASE), words


def test_nothing_is_documented_or_described_by_a_page_that_is_not_in_the_table() -> None:
    pages = {form(page) for page in Page for form in (documented, described)}
    assert {one.source for one in TABLE if one.source.startswith(("documented", "described"))} <= pages


@pytest.mark.parametrize(
    "line",
    [
        "",
        "tunnel: serving requests",
        "token refreshed, expires in 3599 s",
        'GET /api/v1/orders HTTP/1.1" 401 12',
        "reconciled quota of namespace web in 4 ms",
        "webhook called, answered in 3 ms",
    ],
)
def test_ordinary_lines_are_not_known(line: str) -> None:
    assert known(line) is None


def test_a_long_hostile_line_is_looked_at_in_no_more_than_linear_work() -> None:
    assert known("failed calling webhook " * 20_000) is not None
    assert known("dial tcp: lookup " * 5_000) is None
