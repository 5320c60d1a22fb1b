"""What Resources and Logs say while no cluster is chosen: what is missing, and the command that supplies it."""

from __future__ import annotations

from tui.present.problems import Line

LOOKING = (Line("Waiting for the first cluster…", "dim"),)
NO_CLUSTER = (Line("No cluster is chosen: move the cursor to one in 1 Fleets, or mark several with space.", "dim"),)
NO_AGENT = (Line("These clusters have no connect agent. Put the cursor on a pod and press l for its logs.", "dim"),)


ROADS = (
    Line("gcloud auth application-default login", "accent", "Google", True),
    Line("clusterview --project PROJECT_ID", "accent", "", True),
    Line("az login", "accent", "Azure", True),
    Line("clusterview --kubeconfig FILE", "accent", "others", True),
)
"""What brings clusters, each a command."""


def no_fleet(what: str) -> tuple[Line, ...]:
    """No cluster is known by any road. what: what a cluster would bring into the pane."""
    return (
        Line(f"No cluster is known yet, so there are no {what}. One of these brings some:", ""),
        *ROADS,
        Line("1 Fleets and 2 Connections say what stands in their way now.", "dim"),
    )
