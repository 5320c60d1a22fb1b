"""Tables of commands stand in line by cells of the terminal, not by characters."""

from __future__ import annotations

import io

from rich.cells import cell_len

from tui.cli.output import print_table


def test_columns_stand_in_line_whatever_is_in_them() -> None:
    out = io.StringIO()
    names = ["日本語クラスタ", "api", "e\u0301te\u0301", "🚀", "\x1b[2J", "שלום"]
    print_table(["NAME", "STATUS"], [[name, "here"] for name in names], out)
    first, *lines = out.getvalue().splitlines()
    places = {cell_len(line[: line.index("here")]) for line in lines}
    assert places == {cell_len(first[: first.index("STATUS")])}
