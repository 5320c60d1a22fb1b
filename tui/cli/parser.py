"""The command line's grammar, and nothing else: no import of what the commands do, so that `--help` and the first
frame cost an argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tui.cli.parser_changes import CHANGING, add_changes
from tui.cli.parser_clouds import add_clouds
from tui.cli.parser_logs import add_logs
from tui.cli.parser_streams import add_streams
from tui.cli.parser_views import add_lists, add_looks, add_words

FORMATS = ("table", "json", "yaml", "name")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What a command line says. Ends the program where it says nothing that is understood."""
    if not {"-h", "--help"} & set(argv):
        try:
            return _parsed(grammar(argv), argv)
        except _Misunderstood:
            pass  # the whole grammar says what is wrong, and what there is instead
    return _parsed(grammar(), argv)


def _parsed(parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """As kubectl's, flags may stand between the words: argparse itself takes the words of one argument in one piece
    only."""
    arguments, rest = parser.parse_known_args(argv)
    if "command_line" in vars(arguments):  # what stands behind `--` is another program's
        cut = argv.index("--") if "--" in argv else len(argv)
        arguments, rest = parser.parse_known_args(argv[:cut])
        arguments.command_line = list(argv[cut + 1 :])
    words: list[str] | None = vars(arguments).get("what")
    if rest and (words is None or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if words is not None:
        words += rest
    return arguments


class _Misunderstood(Exception):
    """A command line is not in this part of the grammar."""


class _Part(argparse.ArgumentParser):
    """Of a part of the grammar, which cannot say what there is instead."""

    def error(self, message: str) -> NoReturn:
        raise _Misunderstood(message)


def grammar(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Each command sets `run` to "module:function", resolved when it is called; and `idle` to those of the shared flags
    that mean nothing to it, which are refused.

    argv: only what it may mean, since all forty commands take a tenth of a short command's time; None = all.
    """
    shared = _shared()
    parser = (argparse.ArgumentParser if argv is None else _Part)(
        prog="clusterview",
        description="Fleets, Service Connector connections, Kubernetes resources and logs of many clusters on one "
        "screen. Without a command it opens the terminal UI.",
        epilog="Exit codes: 0 done, 1 findings or a failed action, 2 usage, 3 partial, 4 not signed in, 70 a bug.",
        parents=[shared],
    )
    parser.set_defaults(run="tui.cli.ui:run", idle=("output",))
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for names, add in GROUPS:
        if argv is None or not names.isdisjoint(argv):
            add(commands, shared)
    return parser


GROUPS: tuple[tuple[frozenset[str], Callable[[Any, argparse.ArgumentParser], None]], ...] = (
    (frozenset({"demo", "sim"}), add_clouds),
    (frozenset({"fleet", "connections"}), add_lists),
    (frozenset({"get", "describe", "find", "changes"}), add_looks),
    (frozenset({"logs"}), add_logs),
    (frozenset({"exec", "attach", "cp", "port-forward"}), add_streams),
    (CHANGING, add_changes),
    (frozenset({"explain", "info"}), add_words),
)
"""The names of commands, and what adds them to the grammar, in the order of the help."""


def _shared() -> argparse.ArgumentParser:
    """Flags that every command understands; unset ones are absent, so that files and variables can speak."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = shared.add_argument_group("shared flags")
    group.add_argument("--cluster", action="append", metavar="PATTERN", help="glob, /regex/ or ^not; repeatable")
    group.add_argument("--project", action="append", metavar="ID", help="Google Cloud project; repeatable")
    group.add_argument("--subscription", action="append", metavar="ID", help="Azure subscription; repeatable")
    group.add_argument("--kubeconfig", type=Path, metavar="FILE", help="a kubeconfig file")
    group.add_argument("--context", metavar="NAME", help="a context of it")
    group.add_argument("--config", type=Path, metavar="FILE", help="the configuration file")
    group.add_argument("-o", "--output", choices=FORMATS, metavar="|".join(FORMATS), help="how to print")
    group.add_argument("-v", "--verbose", action="count", help="debug lines in the log file")
    return shared
