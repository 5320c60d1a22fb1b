"""`clusterview cp`: files and folders to and from a container, in kubectl's words. It runs tar there, so it counts as
writing in both directions."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time

from msgspec import Struct

from tui.cli.admission import admitted
from tui.cli.output import say, say_queued
from tui.cli.places import place_in
from tui.clock import SystemClock
from tui.errors import UsageError
from tui.model.streams import Copied, Queued
from tui.present.clean import clean
from tui.present.copying import progress_words
from tui.streams.copying import download
from tui.streams.uploading import upload

TOLD_EVERY = 0.2
"""Seconds between two paintings of the progress."""


class End(Struct, frozen=True):
    """One end of a copy. pod: "" = this machine."""

    pod: str
    namespace: str
    path: str


def run(arguments: argparse.Namespace) -> int:
    source, dest = end_of(arguments.source), end_of(arguments.dest)
    if bool(source.pod) == bool(dest.pod):
        raise UsageError("one of both ends is in a pod: [NAMESPACE/]POD:PATH")
    far = source if source.pod else dest
    if not far.path:
        raise UsageError(f"{far.pod}: which path in it?")
    if far.namespace and arguments.namespace not in (None, far.namespace):
        raise UsageError(f"-n {arguments.namespace} and {far.namespace}/{far.pod} name two namespaces")
    arguments.namespace = far.namespace or arguments.namespace
    arguments.target = far.pod
    return asyncio.run(_copy(arguments, source, dest))


def end_of(text: str) -> End:
    """[NAMESPACE/]POD:PATH, or a path here: one that has no colon, or begins with "/" or "."."""
    place, colon, path = text.partition(":")
    if not colon or text.startswith(("/", ".")):
        return End("", "", text)
    namespace, slash, pod = place.rpartition("/")
    if not pod or (slash and not namespace) or "/" in namespace:
        raise UsageError(f"{text}: expected [NAMESPACE/]POD:PATH (a path here that has a colon begins with ./)")
    return End(pod, namespace, path)


async def _copy(arguments: argparse.Namespace, source: End, dest: End) -> int:
    async with admitted(arguments) as there:
        client, place = there.client, place_in(there.pod, arguments.container)
        if source.pod:
            with Progress() as progress:
                port = client.telling(progress.queued)
                done = await download(port, place, source.path, dest.path, progress.tick, SystemClock())
        else:
            with Progress() as progress:
                port = client.telling(progress.queued)
                done = await upload(port, place, source.path, dest.path, progress.tick, SystemClock())
    for words in done.left_out:
        say(f"left out: {words}")
    for words in done.bits:
        say(words)
    return 1 if done.left_out else 0


class Progress:
    """One line on a terminal's stderr: what is under way, how much, how fast."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._painted = 0.0
        self._lock = threading.Lock()
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            if self._width:
                sys.stderr.write("\r" + " " * self._width + "\r")
                sys.stderr.flush()
            self._shown = False

    def tick(self, done: Copied) -> None:
        """Called by any thread."""
        now = time.monotonic()
        if not self._shown or now - self._painted < TOLD_EVERY:
            return
        self._paint(progress_words(done, now - self._began))

    def queued(self, queued: Queued | None) -> None:
        """How many are ahead, in the same line; elsewhere than on a terminal in one of its own."""
        if not self._shown:
            say_queued(queued)
        elif queued is not None:
            self._paint(clean(queued.words, 200))

    def _paint(self, words: str) -> None:
        with self._lock:
            self._painted = time.monotonic()
            sys.stderr.write(f"\r{words.ljust(self._width)}")
            sys.stderr.flush()
            self._width = max(self._width, len(words))
