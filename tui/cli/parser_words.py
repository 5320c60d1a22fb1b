"""Words that flags of several commands take. One that is empty is refused: it is a shell's variable that was not set,
and what would be left is more than was meant."""

from __future__ import annotations

import argparse

DEFAULT_NAMESPACE = "(default: the context's, else default)"


def add_namespace(parser: argparse._ActionsContainer, help: str) -> None:  # pyright: ignore[reportPrivateUsage]
    """-n; None where it was not given."""
    parser.add_argument("-n", "--namespace", type=_namespace, default=None, help=help)


def add_container(parser: argparse.ArgumentParser, help: str) -> None:
    """-c; None where it was not given."""
    parser.add_argument("-c", "--container", type=_container, default=None, help=help)


def _namespace(text: str) -> str:
    if not all(map(str.strip, text.split(","))):
        said = "the namespace is empty" if not text.strip(", ") else f"{text}: one of the namespaces is empty"
        raise argparse.ArgumentTypeError(f"{said}; leave -n out, or give a name")
    return text


def _container(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the container's name is empty; leave -c out, or give a name")
    return text
