"""The grammar of the simulated clouds: the demo over them, and they alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_clouds(commands: Any, shared: argparse.ArgumentParser) -> None:
    """demo, sim."""
    demo = commands.add_parser("demo", help="the UI over simulated clouds; needs no account", parents=[shared])
    demo.add_argument("--scenario", default="healthy", help="which simulated world (default: healthy)")
    demo.add_argument("--speed", type=_speed, default=1.0, help="how fast simulated time runs (default: 1)")
    demo.add_argument("--plain", action="store_true", help="print the tour as text even in a terminal")
    demo.set_defaults(run="tui.cli.demo:run", idle=("output",))

    sim = commands.add_parser("sim", help="only the simulated clouds, for gcloud, kubectl and az")
    sim.add_argument("--scenario", default="healthy", help="which simulated world (default: healthy)")
    sim.add_argument("--list", action="store_true", help="list the scenarios and end")
    sim.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: any free one)")
    sim.add_argument("--scale", metavar="MEMBERSHIPS,PODS", help="make that many memberships, and pods in one cluster")
    sim.add_argument("--env-file", type=Path, metavar="FILE", help="write the export lines to FILE, for `. FILE`")
    sim.add_argument("--state", type=Path, metavar="DIR", help="keep CA and tokens in DIR between starts")
    sim.add_argument("--as", dest="person", default="admin", metavar="PERSON", help="whose credentials to hand out")
    sim.add_argument("--speed", type=_speed, default=1.0, help="how fast simulated time runs (default: 1)")
    sim.add_argument("--seed", type=int, default=0, help="the same seed makes the same world (default: 0)")
    sim.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)  # end when stdin does
    sim.set_defaults(run="tui.cli.sim:run", idle=())


def _speed(text: str) -> float:
    """Above zero: a world that stands still would only seem to hang."""
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return speed


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)
