"""The grammar of the commands that change something: the words of kubectl, with the same safeguards for all."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.cli.parser_words import DEFAULT_NAMESPACE, add_namespace

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]

WHAT = "KIND/NAME…, KIND NAME…, or KIND with -l"
_RUN = "tui.cli.changes:run"
_PLAIN = (
    ("restart", "restart the pods of deployments, daemon sets and stateful sets, one after the other"),
    ("pause", "pause rollouts of deployments"),
    ("resume", "resume them"),
    ("suspend", "suspend cron jobs (or jobs)"),
    ("unsuspend", "let them go on"),
)

_OTHERS = ("apply", "scale", "set-image", "undo-rollout", "trigger", "label", "annotate", "delete", "edit", "journal")
_OF_NODES = ("cordon", "uncordon", "drain")
CHANGING = frozenset((*_OTHERS, *_OF_NODES, *(name for name, _ in _PLAIN)))
"""What `add_changes` adds."""


def add_changes(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Every command that changes something, and the journal of what was changed."""
    safety = _safety()

    def add(
        name: str, words: str, where: Callable[[argparse.ArgumentParser], None] = _objects
    ) -> argparse.ArgumentParser:
        parser = commands.add_parser(name, help=words, parents=[shared, safety])
        parser.set_defaults(run=_RUN, idle=(), action=name)
        where(parser)
        return parser

    apply = add("apply", "declare the objects of a manifest by server-side apply", _clusters)
    apply.add_argument(
        "-f", "--filename", action="append", required=True, metavar="FILE", help="- is stdin; repeatable"
    )
    add_namespace(apply, "of objects that name none (default: the context's)")
    apply.add_argument("--force-conflicts", action="store_true", help="take fields that other managers own")
    scale = add("scale", "set the number of replicas")
    scale.add_argument("--replicas", required=True, metavar="N")
    add("set-image", "set images: after the objects, CONTAINER=IMAGE… (`*` is every container)")
    for name, words in _PLAIN:
        add(name, words)
    undo = add("undo-rollout", "go back to an earlier revision")
    undo.add_argument("--to-revision", default="", metavar="N", help="(default: the one before)")
    trigger = add("trigger", "start a job of a cron job now")
    trigger.add_argument("--name", default="", help="of the job (default: a generated one)")
    add("label", "set labels: after the objects, KEY=VALUE…; KEY- removes one")
    add("annotate", "set annotations: after the objects, KEY=VALUE…; KEY- removes one")
    add("cordon", "let no new pods onto nodes", _nodes)
    add("uncordon", "let them again", _nodes)
    drain = add("drain", "cordon nodes, and evict their pods", _nodes)
    drain.add_argument("--grace-period", default="", metavar="SECONDS", help="(default: the pods' own)")
    drain.add_argument(
        "--timeout", default="", metavar="TIME", help="for each node: give up after that (default: 15m; 0: never)"
    )
    drain.add_argument("--force", action="store_true", help="also pods that nobody would make anew")
    drain.add_argument("--delete-emptydir-data", action="store_true", help="also pods with data in an emptyDir")
    delete = add("delete", "delete objects")
    delete.add_argument("--cascade", default="", metavar="background|foreground|orphan", help="(default: background)")
    delete.add_argument("--grace-period", default="", metavar="SECONDS", help="(default: the objects' own)")
    edit = add("edit", "edit one object in $VISUAL or $EDITOR")
    edit.set_defaults(run="tui.cli.edit:run")
    _journal(commands, shared, safety)


def _journal(commands: Commands, shared: argparse.ArgumentParser, safety: argparse.ArgumentParser) -> None:
    elsewhere = ("project", "subscription", "kubeconfig", "context")
    journal = commands.add_parser("journal", help="what was changed, and undoing it")
    actions = journal.add_subparsers(metavar="COMMAND", required=True)
    listed = actions.add_parser("list", help="every change that was made or tried, newest first", parents=[shared])
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default: 50; 0: all)")
    listed.set_defaults(run="tui.cli.journal:run_list", idle=elsewhere)
    undo = actions.add_parser("undo", help="take changes back", parents=[shared, safety])
    undo.add_argument("id", nargs="+", metavar="ID", help="of the journal; as much of it as is clear")
    undo.set_defaults(run="tui.cli.journal:run_undo", idle=("cluster",))


def _safety() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("writing")
    group.add_argument("--write", action="store_true", help="unlock writing; without it nothing is sent")
    group.add_argument("--dry-run", action="store_true", help="only try it: print what the server says would change")
    group.add_argument(
        "-y",
        "--yes",
        action="store_true",
        help="do not ask (but for production clusters, and for several that were not each named)",
    )
    group.add_argument(
        "--yes-production", action="append", default=[], metavar="NAME", help="do not ask for that production cluster"
    )
    return parser


def _objects(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="+", metavar="OBJECT", help=WHAT)
    add_namespace(parser, f"one namespace {DEFAULT_NAMESPACE}")
    parser.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces; with -l")
    _chosen(parser)


def _nodes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", metavar="NODE", help="names; or choose them with -l")
    parser.set_defaults(namespace=None, all_namespaces=False)
    _chosen(parser)


def _chosen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-l", "--selector", default="", help="label selector, as in app=web,tier!=db")
    _clusters(parser)


def _clusters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all-clusters", action="store_true", help="every cluster known by any road")
