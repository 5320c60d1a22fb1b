"""What is kept of a known line, and how its words are known: who reads an explanation is told how far to trust it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Known(Struct, frozen=True):
    """One known failure. code: "CV107"; never used again for another. pattern: a regular expression. fix: steps and
    commands, one each. source: how the words are known, as the functions below say it."""

    code: str
    title: str
    pattern: str
    cause: str
    fix: tuple[str, ...]
    source: str


class Page(StrEnum):
    """Pages of vendors that are quoted, by title and section."""

    STREAMS = "Connect gateway, Troubleshoot kubectl exec/cp/attach/port-forward"
    GATEWAY = "Connect gateway, Troubleshooting"
    CONNECTOR = "Azure Service Connector, Common errors and mitigations on AKS"
    EXTENSIONS = "AKS, Troubleshoot errors when deploying cluster extensions"
    ENTRA = "Microsoft Entra authentication and authorization error codes"
    QUOTA = "Kubernetes, Configure Memory and CPU Quotas for a Namespace"
    MEMORY = "Kubernetes, Assign Memory Resources to Containers and Pods"
    KNATIVE = "Knative serving on Google Cloud, Troubleshooting"


def documented(page: Page) -> str:
    """The page quotes words that the pattern finds."""
    return f"documented: {page}"


def described(page: Page) -> str:
    """The page tells of the failure; its exact words were not found there."""
    return f"described: {page}"


def source(program: str) -> str:
    """The program's source holds the words."""
    return f"source: {program}"


def recorded(server: str) -> str:
    """A real server or client was heard to say them."""
    return f"recorded: {server}"


def reported(where: str) -> str:
    """People have reported them: repository and issues. No page promises them."""
    return f"reported: {where}"


def general(programs: str) -> str:
    """They are what such programs have been seen to write; nothing was found to quote."""
    return f"general knowledge: {programs}"
