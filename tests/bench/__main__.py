"""`make bench`: everything, or the sections named on the command line."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench.commands import command_figures
from tests.bench.flooding import flood_figures
from tests.bench.lists import list_figures, unrest_figures
from tests.bench.logs import log_figures
from tests.bench.pieces import piece_figures
from tests.bench.report import print_figures
from tests.bench.startup import running_figures, start_figures
from tests.bench.streams import stream_figures

SECTIONS = ("start", "running", "lists", "unrest", "commands", "logs", "flood", "streams", "pieces")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="which (default: all)")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved runs of each measure")
    arguments = parser.parse_args()
    wanted = arguments.sections or SECTIONS
    with tempfile.TemporaryDirectory(prefix="clusterview-bench-") as scratch:
        folder = Path(scratch)
        if "start" in wanted:
            print_figures("Start (no account, 120x40 pty)", start_figures(folder, arguments.rounds))
        if "running" in wanted:
            print_figures("Running (simulated clouds)", running_figures(folder))
        if "lists" in wanted:
            print_figures(
                "Lists (50,000 pods in one cluster, 120x40 pty)", list_figures(folder, max(3, arguments.rounds // 2))
            )
        if "unrest" in wanted:
            print_figures("Unrest (50,000 pods, 2,000 events a second for a minute)", unrest_figures(folder))
        if "commands" in wanted:
            print_figures(
                "Commands (whole process, same server)", command_figures(folder, max(3, arguments.rounds // 2))
            )
        if "logs" in wanted:
            print_figures("Logs (one container, whole process)", log_figures(folder, max(3, arguments.rounds // 2)))
        if "flood" in wanted:
            print_figures("Flood (one container's log on screen, 120x40 pty)", flood_figures(folder))
        if "streams" in wanted:
            print_figures("Streams (same server)", stream_figures(folder, max(3, arguments.rounds // 2)))
        if "pieces" in wanted:
            print_figures("Pieces (this process)", piece_figures())


main()
