"""The command line's grammar, and nothing else: no import of what the commands do, so that `--help` and the first
frame cost an argparse."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tui.cli.parser_changes import add_changes
from tui.cli.parser_logs import add_logs
from tui.cli.parser_streams import add_streams

FORMATS = ("table", "json", "yaml", "name")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What a command line says. Ends the program where it says nothing that is understood.

    As kubectl's, flags may stand between the words: argparse itself takes the words of one argument in one piece only.
    """
    parser = build_parser()
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


def build_parser() -> argparse.ArgumentParser:
    """All commands. Each sets `run` to "module:function", resolved when it is called; and `idle` to those of the shared
    flags that mean nothing to it, which are refused."""
    shared = _shared()
    parser = argparse.ArgumentParser(
        prog="clusterview",
        description="Fleets, Service Connector connections, Kubernetes resources and logs of many clusters on one "
        "screen. Without a command it opens the terminal UI.",
        epilog="Exit codes: 0 done, 1 findings or a failed action, 2 usage, 3 partial, 4 not signed in, 70 a bug.",
        parents=[shared],
    )
    parser.set_defaults(run="tui.cli.ui:run", idle=("output",))
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    demo = commands.add_parser("demo", help="the UI over simulated clouds; needs no account", parents=[shared])
    demo.add_argument("--scenario", default="healthy", help="which simulated world (default: healthy)")
    demo.add_argument("--speed", type=_speed, default=1.0, help="how fast simulated time runs (default: 1)")
    demo.add_argument("--plain", action="store_true", help="print the tour as text even in a terminal")
    demo.set_defaults(run="tui.cli.demo:run", idle=("output",))

    sim = commands.add_parser("sim", help="only the simulated clouds, for gcloud, kubectl and az")
    sim.add_argument("--scenario", default="healthy", help="which simulated world (default: healthy)")
    sim.add_argument("--list", action="store_true", help="list the scenarios and end")
    sim.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: any free one)")
    sim.add_argument("--scale", metavar="MEMBERSHIPS,PODS", help="make that many memberships, and pods in one cluster")
    sim.add_argument("--env-file", type=Path, metavar="FILE", help="write the export lines to FILE, for `. FILE`")
    sim.add_argument("--state", type=Path, metavar="DIR", help="keep CA and tokens in DIR between starts")
    sim.add_argument("--as", dest="person", default="admin", metavar="PERSON", help="whose credentials to hand out")
    sim.add_argument("--speed", type=_speed, default=1.0, help="how fast simulated time runs (default: 1)")
    sim.add_argument("--seed", type=int, default=0, help="the same seed makes the same world (default: 0)")
    sim.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)  # end when stdin does
    sim.set_defaults(run="tui.cli.sim:run", idle=())

    fleet = commands.add_parser("fleet", help="memberships of GKE Hub fleets")
    fleet_commands = fleet.add_subparsers(metavar="COMMAND", required=True)
    fleet_list = fleet_commands.add_parser("list", help="memberships of all configured projects", parents=[shared])
    fleet_list.set_defaults(run="tui.cli.fleet:run_list", idle=("subscription", "kubeconfig", "context"))

    connections = commands.add_parser("connections", help="Service Connector connections on AKS")
    connection_commands = connections.add_subparsers(metavar="COMMAND", required=True)
    connections_list = connection_commands.add_parser("list", help="connections of all AKS clusters", parents=[shared])
    connections_list.set_defaults(run="tui.cli.connections:run_list", idle=("project", "kubeconfig", "context"))

    get = commands.add_parser("get", help="list any kind over one or many clusters", parents=[shared])
    get.add_argument(
        "what",
        metavar="KIND",
        nargs="+",
        help="plural, singular, short name, KIND.GROUP or a category (all); KIND NAME…, KIND,KIND or KIND/NAME…",
    )
    _where(get)
    get.add_argument(
        "--show-managed-fields", action="store_true", help="print who owns which field with -o json or yaml"
    )
    get.add_argument("--show-secrets", action="store_true", help="print the values of Secrets with -o json or yaml")
    get.set_defaults(run="tui.cli.get:run", idle=())

    describe = commands.add_parser(
        "describe", help="everything about objects: what is wrong, what they are, what happened", parents=[shared]
    )
    describe.add_argument("what", metavar="KIND", nargs="+", help="KIND, KIND NAME… or KIND/NAME…")
    _where(describe)
    describe.add_argument("--show-secrets", action="store_true", help="print the values of Secrets")
    describe.set_defaults(run="tui.cli.describe:run", idle=("output",))

    find = commands.add_parser("find", help="objects of all kinds by a part of their names", parents=[shared])
    find.add_argument("name", metavar="NAME", help="a part of the name, or a glob; KIND/NAME for certain kinds")
    _through(find)
    find.set_defaults(run="tui.cli.through:run_find", idle=())
    changes = commands.add_parser("changes", help="what was created, changed, restarted or deleted", parents=[shared])
    changes.add_argument("since", metavar="DURATION", nargs="?", default="15m", help="how far back (default: 15m)")
    _through(changes)
    changes.set_defaults(run="tui.cli.through:run_changes", idle=())

    add_logs(commands, shared)
    add_streams(commands, shared)
    add_changes(commands, shared)

    explain = commands.add_parser("explain", help="what a line of a log or an error means, and what helps")
    explain.add_argument("text", metavar="TEXT", nargs="*", help="a line, a code such as CV107, or - for a pipe")
    explain.set_defaults(run="tui.cli.explain:run", idle=())

    info = commands.add_parser(
        "info", help="every path and version, and which credentials were found", parents=[shared]
    )
    info.set_defaults(run="tui.cli.info:run", idle=("cluster",))
    return parser


def _speed(text: str) -> float:
    """Above zero: a world that stands still would only seem to hang."""
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return speed


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _through(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--namespace", default=None, help="one namespace (default: all)")
    parser.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
    parser.add_argument("-l", "--selector", default="", help="label selector, as in app=web,tier!=db")


def _where(parser: argparse.ArgumentParser, *, lists: bool = True) -> None:
    parser.add_argument("-n", "--namespace", default=None, help="one namespace (default: the context's, else default)")
    parser.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
    if not lists:
        return
    parser.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    parser.add_argument("-l", "--selector", default="", help="label selector, as in app=web,tier!=db")


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
