"""The grammar of the commands that open streams: exec, attach, cp and port-forward, in kubectl's words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.cli.parser_words import DEFAULT_NAMESPACE, add_container, add_namespace

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]


def add_streams(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add them to the commands."""
    execute = commands.add_parser("exec", help="run a command in a container; without one, a shell", parents=[shared])
    _target(execute)
    _session(execute)
    execute.add_argument(
        "--shell", default="", metavar="PATH", help="the shell (default: bash where there is one, else sh)"
    )
    _preflight(execute)
    execute.set_defaults(run="tui.cli.remote:run_exec", idle=("output",), all_namespaces=False, command_line=[])

    attach = commands.add_parser("attach", help="see what a container's own process writes", parents=[shared])
    _target(attach)
    _session(attach)
    _preflight(attach)
    attach.set_defaults(run="tui.cli.remote:run_attach", idle=("output",), all_namespaces=False)

    copy = commands.add_parser("cp", help="files and folders to and from a container", parents=[shared])
    copy.add_argument("source", metavar="FROM", help="a path here, or [NAMESPACE/]POD:PATH")
    copy.add_argument(
        "dest", metavar="TO", help="the same; one of both is in a pod. Into a folder that is there, else as it"
    )
    add_namespace(copy, f"its namespace {DEFAULT_NAMESPACE}")
    add_container(copy, "which of its containers")
    copy.add_argument("--write", action="store_true", help="allow it: it runs tar in the container")
    _preflight(copy)
    copy.set_defaults(run="tui.cli.cp:run", idle=("output",), all_namespaces=False)

    forward = commands.add_parser(
        "port-forward", help="ports of this machine that lead to a pod, service or workload", parents=[shared]
    )
    _target(forward, container=False)
    forward.add_argument(
        "ports",
        metavar="[LOCAL:]REMOTE",
        nargs="+",
        help="numbers or names of ports; :REMOTE or 0:REMOTE = any free one",
    )
    forward.add_argument(
        "--address", action="append", metavar="ADDRESS", help="where to listen (default: localhost, both families)"
    )
    _preflight(forward)
    forward.set_defaults(run="tui.cli.forward:run", idle=("output",), all_namespaces=False)


def _preflight(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-preflight", action="store_true", help="do not ask first whether it would be refused")


def _target(parser: argparse.ArgumentParser, *, container: bool = True) -> None:
    parser.add_argument("target", metavar="POD", help="a pod, or KIND/NAME of what has pods (deploy/web, svc/web)")
    add_namespace(parser, f"its namespace {DEFAULT_NAMESPACE}")
    if container:
        add_container(parser, "which of its containers")


def _session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-i", "--stdin", action="store_true", help="send stdin to it")
    parser.add_argument("-t", "--tty", action="store_true", help="under a terminal; Enter ~ . leaves one that hangs")
    parser.add_argument("--write", action="store_true", help="allow it: whoever is in a container can change things")
