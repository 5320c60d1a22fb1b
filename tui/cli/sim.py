"""`clusterview sim`: the simulated clouds in the foreground, and the environment to use them with."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine

from tui.cli.output import say
from tui.errors import UsageError

READY = "# ready"
"""Printed after the environment, for a parent that reads it."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Raises PortBusyError and UsageError."""
    if arguments.list:
        return _list()
    return asyncio.run(_serve(arguments))


def _list() -> int:
    from tui.sim.loading import available

    scenarios = available()
    width = max((len(name) for name, _ in scenarios), default=0)
    for name, title in scenarios:
        sys.stdout.write(f"{name:<{width}}  {title}\n")
    return 0


async def _serve(arguments: argparse.Namespace) -> int:
    from tui.sim.ca import write_private
    from tui.sim.server import SimServer

    if arguments.env_file is not None and not arguments.env_file.parent.is_dir():
        # Not made: a folder that is missing is more often a slip of the pen than a wish.
        raise UsageError(f"--env-file {arguments.env_file}: there is no folder {arguments.env_file.parent}")
    serving = SimServer.start(
        arguments.scenario,
        port=arguments.port,
        state_dir=arguments.state,
        speed=arguments.speed,
        seed=arguments.seed,
        scale=_scale(arguments.scale),
    )
    stop = asyncio.Event()
    async with serving as server:
        _on_signals(stop.set)
        others = server.others(arguments.person)
        script = server.script(arguments.person) + others
        if arguments.env_file is not None:
            try:
                write_private(arguments.env_file, (server.script(arguments.person, control=True) + others).encode())
            except OSError as error:
                raise UsageError(f"--env-file {arguments.env_file}: cannot be written: {error.strerror}") from error
        if arguments.with_parent:
            _on_end_of_input(stop.set)
            script += f"{READY}\n"
        sys.stdout.write(script)
        sys.stdout.flush()
        say(f"serving scenario {server.scenario.name!r} at {server.base_url}; stop with ctrl+c")
        await _until(stop, server.ended())
    return 0


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _on_end_of_input(stop: Callable[[], None]) -> None:
    """Whoever started us holds the other end of stdin; when it ends, however it ends, so do we."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            stop()

    loop.add_reader(0, readable)


async def _until(stop: asyncio.Event, failure: Coroutine[None, None, None]) -> None:
    """Wait for `stop`; a failure that comes first is raised."""
    stopped = asyncio.create_task(stop.wait())
    failed = asyncio.create_task(failure)
    try:
        await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
    finally:
        for task in (stopped, failed):
            task.cancel()
        await asyncio.gather(stopped, failed, return_exceptions=True)


def _scale(text: str | None) -> tuple[int, int] | None:
    """ "MEMBERSHIPS,PODS" as two numbers. Raises UsageError."""
    if text is None:
        return None
    try:
        memberships, pods = (int(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(f"--scale {text}: expected MEMBERSHIPS,PODS, such as 500,10000") from error
    if memberships < 1 or pods < 0:
        raise UsageError(f"--scale {text}: at least one membership, and no fewer than 0 pods")
    return memberships, pods
