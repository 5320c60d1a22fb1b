"""The grammar of the commands that only look: at fleets, connections, resources, and at the program itself."""

from __future__ import annotations

import argparse
from typing import Any

from tui.cli.parser_words import DEFAULT_NAMESPACE, add_namespace


def add_lists(commands: Any, shared: argparse.ArgumentParser) -> None:
    """fleet, connections."""
    fleet = commands.add_parser("fleet", help="memberships of GKE Hub fleets")
    fleet_commands = fleet.add_subparsers(metavar="COMMAND", required=True)
    fleet_list = fleet_commands.add_parser("list", help="memberships of all configured projects", parents=[shared])
    fleet_list.set_defaults(run="tui.cli.fleet:run_list", idle=("subscription", "kubeconfig", "context"))

    connections = commands.add_parser("connections", help="Service Connector connections on AKS")
    connection_commands = connections.add_subparsers(metavar="COMMAND", required=True)
    connections_list = connection_commands.add_parser("list", help="connections of all AKS clusters", parents=[shared])
    connections_list.set_defaults(run="tui.cli.connections:run_list", idle=("project", "kubeconfig", "context"))


def add_looks(commands: Any, shared: argparse.ArgumentParser) -> None:
    """get, describe, find, changes."""
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


def add_words(commands: Any, shared: argparse.ArgumentParser) -> None:
    """explain, info."""
    explain = commands.add_parser("explain", help="what a line of a log or an error means, and what helps")
    explain.add_argument("text", metavar="TEXT", nargs="*", help="a line, a code such as CV107, or - for a pipe")
    explain.set_defaults(run="tui.cli.explain:run", idle=())

    info = commands.add_parser(
        "info", help="every path and version, and which credentials were found", parents=[shared]
    )
    info.set_defaults(run="tui.cli.info:run", idle=("cluster",))


def _through(parser: argparse.ArgumentParser) -> None:
    add_namespace(parser, "one namespace (default: all)")
    parser.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
    parser.add_argument("-l", "--selector", default="", help="label selector, as in app=web,tier!=db")


def _where(parser: argparse.ArgumentParser, *, lists: bool = True) -> None:
    add_namespace(parser, f"one namespace {DEFAULT_NAMESPACE}")
    parser.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
    if not lists:
        return
    parser.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    parser.add_argument("-l", "--selector", default="", help="label selector, as in app=web,tier!=db")
