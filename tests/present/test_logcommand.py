"""`:logs` with words behind it means what `clusterview logs` means by them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.cli.logs import words_of
from tui.cli.parser import parse
from tui.errors import UsageError
from tui.model.cluster import ClusterRef, Via
from tui.model.logask import asked
from tui.model.logs import LogQuery
from tui.present.commands import parse_command
from tui.present.completions import complete
from tui.present.logcommand import OpenLogs, parse_logs

EU = ClusterRef("eu", "prod-eu", Via.GATEWAY)


@pytest.mark.parametrize(
    "line",
    [
        "web-7d9",
        "pod/web-7d9 web-7d0",
        "deploy/web",
        "web-.* -A",
        "-l app=web,tier!=db -n pay,web",
        "--selector=app=web -nweb",
        "web -c app --container side --tail 5 --since 1h30m",
        "cronjob/nightly -p",
        "web --tail -1",
        "web --tail=-5",
        "web --tail +7 -f",
        r"api-\d+",
        r"pod/api-\d+ 'web-(?=7)'",
        "a(?=b)",
        "!a.*b",
        "--agents",
        "web --since-time=2026-11-22T14:00:00Z --until 2026-11-22T15:00:00Z",
    ],
)
def test_the_words_are_those_of_the_command_line(line: str) -> None:
    words = [word.strip("'") for word in line.split()]  # as a shell hands them over
    assert replace(parse_logs(line).asked, follow="-f" in words) == asked(words_of(parse(["logs", *words])))


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("web", LogQuery((EU,), "shown", pods=("web",))),
        ("web -n pay", LogQuery((EU,), "pay", pods=("web",))),
        ("web -A", LogQuery((EU,), "", pods=("web",))),
        ("app=web tier=db", LogQuery((EU,), "shown", "app=web,tier=db")),
        ("deploy/web -f", LogQuery((EU,), "shown", workloads=("deploy/web",))),
        (r"api-\d+", LogQuery((EU,), "shown", pattern=r"api-\d+")),
        (r"'api-\d+ x' # y", LogQuery((EU,), "shown", pattern=r"api-\d+ x|#|^y$")),
        ("a(?=b)", LogQuery((EU,), "shown", pattern="a(?=b)")),
        ("x!=y.*", LogQuery((EU,), "shown", pattern="x!=y.*")),
        (
            "app=web,tier!=db,canary a.io/b==c !old empty=",
            LogQuery((EU,), "shown", "app=web,tier!=db,canary,a.io/b==c,!old,empty="),
        ),
        ("web --tail -1", LogQuery((EU,), "shown", pods=("web",))),
        ("'web-(a|b)'", LogQuery((EU,), "shown", pattern="web-(a|b)")),
        ("web --since 5m", LogQuery((EU,), "shown", pods=("web",), tail=None, since_seconds=300)),
        ("web --tail 7 -c x", LogQuery((EU,), "shown", pods=("web",), tail=7, containers=("x",))),
        ("web -p", LogQuery((EU,), "shown", pods=("web",), previous=True)),
        ("--agents", LogQuery((EU,), agents=True)),
    ],
)
def test_what_is_followed(line: str, query: LogQuery) -> None:
    assert parse_logs(line).query((EU,), "shown") == query


def test_clusters_and_a_filter_stand_where_they_do_behind_a_kind() -> None:
    command = parse_command("logs deploy/web @prod-* @^x /level=error !healthz")
    assert isinstance(command, OpenLogs)
    assert (command.clusters, command.filter) == (("prod-*", "^x"), "level=error !healthz")
    assert command.asked.workloads == ("deploy/web",)
    agents = parse_command(":logs @prod-eu")
    assert isinstance(agents, OpenLogs)
    assert agents.asked.agents


@pytest.mark.parametrize("more", ["", "-f", "--tail 5", "--since 5m", "-p", "-f --until 2026-11-22T15:00:00Z"])
def test_clusters_alone_are_their_agents_whatever_is_said_of_when(more: str) -> None:
    found = parse_logs(f"@prod {more}")
    assert (found.asked.agents, found.clusters) == (True, ("prod",))


@pytest.mark.parametrize("words", ["-n pay", "-A", "-c app"])
def test_clusters_alone_are_not_what_has_other_words(words: str) -> None:
    with pytest.raises(UsageError, match="name a pod"):
        parse_logs(f"@prod {words}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-n pay", "name a pod or KIND/NAME"),
        ("''", "the pod's name is empty"),
        ("web po/", "the pod's name is empty"),
        ("web -c ''", "-c: the container's name is empty"),
        ("-l ''", "-l: the selector is empty"),
        ("web -n ''", "-n: the namespace is empty"),
        ("web -n pay,", "-n: the namespace is empty"),
        ("web --tail=", "--tail : expected a number of lines"),
        ("web --tail 99999999999999999999", "--tail 99999999999999999999: expected a number of lines"),
        ("web --tail " + "9" * 5000, "--tail 9{30}…: expected a number of lines"),
        ("web --tail ١", "--tail ١: expected a number of lines"),
        ("web --tial 3", "--tial: :logs knows -n -A -l"),
        ("web --tail many", "--tail many: expected a number of lines"),
        ("web --since soon", "--since soon: expected a duration"),
        ("web -n", "-n needs a value behind it"),
        ("web @", "'@' needs a cluster"),
        ("'web", "no closing quotation"),
        ("web deploy/x", "KIND/NAME stands for its own pods"),
        ("web( ", "not a regular expression"),
    ],
)
def test_what_is_wrong_is_named(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        parse_logs(line)


def test_what_is_missing_is_asked_for() -> None:
    with pytest.raises(UsageError, match="in which cluster"):
        parse_logs("web").query((), "shown")
    with pytest.raises(UsageError, match="deploy/web: in which namespace"):
        parse_logs("deploy/web").query((EU,), "")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("logs --s", ["logs --since"]),
        ("logs web -n p", ["logs web -n pay"]),
        ("logs web", []),
        ("logs web @", ["logs web @prod-eu"]),
    ],
)
def test_what_could_follow(text: str, offered: list[str]) -> None:
    assert [found.line for found in complete(text, (), ["pay", "web"], [EU])] == offered
