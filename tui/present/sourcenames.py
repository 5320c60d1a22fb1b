"""What the sources of a log view are called on screen, and their colours: before lines, and where one is told of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tui.model.logs import LogQuery, LogSource
from tui.present.clean import clean

SOURCE_STYLES = tuple(f"source-{number}" for number in range(6))
_MADE_UP = re.compile(r"[b-df-hj-np-tv-z0-9]{5}")


def source_name(source: LogSource) -> str:
    """ "prod-eu/web-1": what a source is called where it is told of, in little room."""
    return clean(f"{source.cluster.name}/{source.pod}", 80)


def source_style(source: LogSource, query: LogQuery) -> str:
    """A colour for the source: its cluster's where there are several, so that neighbours differ; else its own."""
    position = query.clusters.index(source.cluster) if len(query.clusters) > 1 else source.index
    return SOURCE_STYLES[position % len(SOURCE_STYLES)]


def source_labels(sources: Sequence[LogSource], query: LogQuery) -> list[str]:
    """Of each source the shortest text that tells it from the others: cluster, pod, container, or several; no two are
    the same."""
    containers = Counter(pod for pod, _ in {(_pod_of(one), one.container) for one in sources})
    labels = [_label(one, query, containers[_pod_of(one)] > 1, _short_pod(one.pod)) for one in sources]
    for form in ("{0.pod}", "{0.namespace}/{0.pod}"):
        same = {label for label, times in Counter(labels).items() if times > 1}
        if not same:
            return labels
        labels = [
            _label(one, query, containers[_pod_of(one)] > 1, form.format(one), pod=True) if label in same else label
            for one, label in zip(sources, labels, strict=True)
        ]
    same = {label for label, times in Counter(labels).items() if times > 1}
    return [f"{label}#{one.index}" if label in same else label for one, label in zip(sources, labels, strict=True)]


def _label(source: LogSource, query: LogQuery, twins: bool, name: str, *, pod: bool = False) -> str:
    """twins: its pod has other containers that are followed. name: as its pod is to be called. pod: in any case."""
    words = [source.cluster.name] if len(query.clusters) > 1 else []
    words += [name] if pod or not query.of_one_pod else []
    words += [source.container] if twins or not words else []
    return "/".join(clean(word, 60) for word in words)


def _pod_of(source: LogSource) -> tuple[str, str, str]:
    return (source.cluster.key, source.namespace, source.pod)


def _short_pod(pod: str) -> str:
    """A pod's own five letters, where its name ends in such as Kubernetes makes up: these have no vowels. What a
    StatefulSet or a person has named keeps its name."""
    head, _, last = pod.rpartition("-")
    return last if head and _MADE_UP.fullmatch(last) else pod
