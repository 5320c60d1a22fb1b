"""The kubectl commands that do the same as a plan, ready to be copied into a shell: everything in them is quoted."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from tui.changes.metadata import pairs_of
from tui.changes.nodes import patience_of
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.objects import ObjectRef
from tui.model.secrets import of_secrets
from tui.model.times import seconds

_ROLLOUT = {Action.RESTART: "restart", Action.UNDO_ROLLOUT: "undo", Action.PAUSE: "pause", Action.RESUME: "resume"}
LONGEST_PATCH = 60_000
"""Bytes of a patch that a terminal and a command line take (Linux: 128 KiB an argument); what is longer is edited by
hand."""
MOST = 200
"""Commands of one plan that are written out."""


def commands(
    wish: Wish,
    jobs: Mapping[ObjectRef, str],
    forced: Collection[ClusterRef] = (),
    awaited: Mapping[ClusterRef, Sequence[str]] = MappingProxyType({}),
) -> tuple[str, ...]:
    """One command for each target, or for each cluster of an apply. jobs: the names of those that a TRIGGER makes.
    forced: clusters where an apply needs force to get past what we own ourselves, and would take nothing else.
    awaited: the definitions that a manifest makes for its own resources: kubectl applies those in a second turn."""
    if wish.action is Action.APPLY:
        found: list[str] = []
        for cluster in wish.clusters[:MOST]:
            apply = _joined(_apply(cluster, wish, cluster in forced))
            names = [f"customresourcedefinition/{name}" for name in awaited.get(cluster, ())]
            wait = ["--context", context_of(cluster), "wait", "--for=condition=Established", *names]
            found += [apply, _joined(wait), apply] if names else [apply]
        return tuple(found)
    words = (_untold(wish, ref) + _joined(_words(wish, ref, jobs.get(ref, "NAME"))) for ref in wish.targets[:MOST])
    return tuple(words)


def context_of(cluster: ClusterRef) -> str:
    """The context as `gcloud container fleet memberships get-credentials` and `az aks get-credentials` name it."""
    parts = cluster.key.split("/")
    if cluster.via is Via.GATEWAY and len(parts) == 6:
        return f"connectgateway_{parts[1]}_{parts[3]}_{parts[5]}"
    return cluster.key.removeprefix("context:") if cluster.via is Via.CONTEXT else cluster.name


def _untold(wish: Wish, ref: ObjectRef) -> str:
    """Why an edit's command only opens an editor, as a comment before it; "" where it is the change itself."""
    if wish.action not in (Action.EDIT, Action.RESTORE) or _patch(wish):
        return ""
    if "patch" in wish.args:
        return "# the change is too long for a command line: make it by hand, in the editor\n"
    return (
        "# the values of a Secret are not shown: make the change by hand, in the editor\n"
        if of_secrets(ref.kind)
        else ""
    )


def _patch(wish: Wish) -> str:
    patch = wish.args.get("patch", "")
    return patch if len(patch.encode(errors="replace")) <= LONGEST_PATCH else ""


def _joined(words: Sequence[str]) -> str:
    return " ".join(map(_quoted, ["kubectl", *words]))


def _quoted(word: str) -> str:
    """One word of a shell, on one line and of nothing but what is printed: what is not is written as `$'\\t'` is
    (POSIX.1-2024, "Quoting with Dollar-Single-Quotes")."""
    return shlex.quote(word) if word.isprintable() else f"$'{''.join(map(_escaped, word))}'"


def _escaped(char: str) -> str:
    if char.isprintable():
        return f"\\{char}" if char in "\\'" else char
    code = ord(char)
    return f"\\{code:03o}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _apply(cluster: ClusterRef, wish: Wish, forced: bool) -> list[str]:
    force = ["--force-conflicts"] if forced or wish.args.get("force") == "true" else []
    namespace = ["-n", wish.args["namespace"]] if wish.args.get("namespace") else []
    base = ["--context", context_of(cluster), *namespace, "apply", "--server-side", "--field-manager=clusterview"]
    return [*base, *force, "-f", "FILE"]


def _words(wish: Wish, ref: ObjectRef, job: str) -> list[str]:
    where = ["--context", context_of(ref.cluster), *(["-n", ref.namespace] if ref.namespace else [])]
    return [*where, *_verb(wish, ref, f"{ref.kind.qualified}/{ref.name}", job)]


def _verb(wish: Wish, ref: ObjectRef, target: str, job: str) -> list[str]:
    args = wish.args
    match wish.action:
        case Action.SCALE:
            return ["scale", target, f"--replicas={args.get('replicas', '')}"]
        case Action.SET_IMAGE:
            return ["set", "image", target, *filter(None, args.get("images", "").split(","))]
        case Action.RESTART | Action.PAUSE | Action.RESUME:
            return ["rollout", _ROLLOUT[wish.action], target]
        case Action.UNDO_ROLLOUT:
            return ["rollout", "undo", target, *_given("--to-revision", args.get("revision", ""))]
        case Action.SUSPEND | Action.UNSUSPEND:
            suspended = "true" if wish.action is Action.SUSPEND else "false"
            return ["patch", target, "--type=merge", "-p", f'{{"spec":{{"suspend":{suspended}}}}}']
        case Action.TRIGGER:
            return ["create", "job", args.get("name") or job, f"--from=cronjob/{ref.name}"]
        case Action.LABEL | Action.ANNOTATE:
            pairs = [f"{key}-" if value is None else f"{key}={value}" for key, value in pairs_of(args).items()]
            return [wish.action.value, target, "--overwrite", *pairs]
        case Action.CORDON | Action.UNCORDON:
            return [wish.action.value, ref.name]
        case Action.DRAIN:
            flags = [f"--{flag}" for flag in ("force", "delete-emptydir-data") if args.get(flag) == "true"]
            grace = _given("--grace-period", args.get("grace", ""))
            return ["drain", ref.name, "--ignore-daemonsets", *flags, *grace, f"--timeout={_kubectl_time(args)}"]
        case Action.DELETE:
            cascade = _given("--cascade", args.get("propagation", ""))
            return ["delete", target, *cascade, *_given("--grace-period", args.get("grace", ""))]
        case Action.RECREATE:
            return ["create", "-f", "FILE"]
        case Action.EDIT | Action.RESTORE if patch := _patch(wish):
            return ["patch", target, "--type=merge", "-p", patch]
        case Action.EDIT | Action.RESTORE | Action.APPLY:
            return ["edit", target]


def _kubectl_time(args: Mapping[str, str]) -> str:
    """Go's durations know no days, and want a unit behind all but 0."""
    wanted = patience_of(args)
    return seconds(max(wanted, 0.001) if wanted else 0.0).replace(" ", "")


def _given(flag: str, value: str) -> list[str]:
    return [f"{flag}={value}"] if value else []
