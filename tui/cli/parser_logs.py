"""The grammar of `clusterview logs`."""

from __future__ import annotations

import argparse
from typing import Any

from tui.cli.parser_words import add_namespace
from tui.errors import UsageError


def add_logs(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The command and its flags."""
    logs = commands.add_parser(
        "logs",
        help="logs of pods over one or many clusters",
        parents=[shared],
        epilog="Each line comes once and in order, however often a stream breaks; what may be missing is said on "
        "stderr, with its span.",
    )
    logs.add_argument(
        "what",
        metavar="POD",
        nargs="*",
        help="pods by name, KIND/NAME (deploy/web: its pods, as they come and go; cronjob/nightly: "
        "those of its jobs) or a regular expression ('web-.*'); "
        "without any, -l or --agents",
    )
    where = logs.add_argument_group("where")
    add_namespace(where, "namespace, or several with commas")
    where.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    where.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
    where.add_argument("-l", "--selector", help="label selector, as in app=web,tier!=db")
    where.add_argument(
        "--agents", action="store_true", help="the connect agents of the chosen clusters; on AKS Service Connector's"
    )
    where.add_argument(
        "-c", "--container", action="append", default=[], help="a container (default: all, init and ephemeral too)"
    )
    where.add_argument("-p", "--previous", action="store_true", help="of the container's previous run")
    when = logs.add_argument_group("when")
    when.add_argument("-f", "--follow", action="store_true", help="go on as new lines come")
    when.add_argument(
        "--tail", type=_lines, default=-1, metavar="N", help="lines of history per container (default: all)"
    )
    when.add_argument("--since", default="", metavar="DURATION", help="only newer than 5s, 2m, 3h or 1d")
    when.add_argument("--since-time", default="", metavar="TIME", help="only from this time (RFC 3339) on")
    when.add_argument("--until", default="", metavar="TIME", help="only up to this time")
    how = logs.add_argument_group("which lines, and how")
    how.add_argument("-i", "--include", action="append", default=[], metavar="REGEX", help="only lines that match one")
    how.add_argument("-e", "--exclude", action="append", default=[], metavar="REGEX", help="no lines that match")
    how.add_argument(
        "--filter",
        default="",
        metavar="TEXT",
        help="only what the Logs pane's filter lets through: all words, not !this, re|gex, and fields of lines of "
        "JSON or of key=value pairs: 'level=error !healthz'",
    )
    how.add_argument(
        "-C",
        "--context-lines",
        type=_lines,
        default=0,
        metavar="N",
        help="N lines before and after each that is chosen",
    )
    how.add_argument("-H", "--highlight", action="append", default=[], metavar="REGEX", help="stands out; hides none")
    how.add_argument(
        "--prefix",
        action=argparse.BooleanOptionalAction,
        help="the source before each line, and [late] where it comes after newer ones of others, or [turn] where that "
        "is because its log waited for its turn (default: where there may be several sources: all but one named pod "
        "with one container, in one cluster)",
    )
    how.add_argument("--timestamps", action="store_true", help="begin each line with its time")
    how.add_argument(
        "--timezone", default="", metavar="ZONE", help="with times of: local, UTC, Europe/Berlin … (--timestamps: UTC)"
    )
    how.add_argument("--fields", default="", metavar="A,B.C", help="of lines of JSON only these fields")
    how.add_argument(
        "--template",
        default="",
        metavar="TEXT",
        help="as in '{time} {cluster} {namespace} {pod} {container} {late} {message}', with \\n and \\t for a newline "
        "and a tab; -o json: an object a line",
    )
    how.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="(default: auto)")
    logs.set_defaults(run="tui.cli.logs:run", idle=())


def _lines(text: str) -> int:
    from tui.model.logask import line_count  # only where a number is given

    try:
        return line_count(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
