"""Which keys the help tells, under which headings: those of every screen and part that has some. Imported when help is
asked for, as are most of these."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding

from screens.change_keys import ChangeKeys
from screens.comparing import CompareScreen
from screens.copying import Copying
from screens.form import Form
from screens.locked import Locked
from screens.menu import Menu
from screens.object import ObjectScreen
from screens.overview import Overview
from screens.pane_screen import PaneScreen
from screens.plan import PlanScreen
from screens.preflight import Lights
from screens.question import Question
from screens.reader import Reader
from screens.stream_keys import StreamKeys
from screens.waiting import Unhurried, Waiting
from widgets.choice_field import ChoiceField
from widgets.completing import CompletingPrompt
from widgets.forward_pane import ForwardPane
from widgets.journal_pane import JournalPane
from widgets.line_input import LineInput
from widgets.line_list import ScrollingScreen
from widgets.list_field import ListField
from widgets.listed_pane import ListedPane
from widgets.log_pane import LogPane
from widgets.log_view import LogView
from widgets.pane import FeedPane
from widgets.prompt import Prompt
from widgets.push_button import PushButton
from widgets.related_tree import RelatedTree
from widgets.resource_pane import ResourcePane
from widgets.row_table import RowTable
from widgets.table_pane import TablePane
from widgets.text_view import TextView

SECTIONS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("Panes", (PaneScreen,)),
    ("Going somewhere", (Overview,)),
    ("Changing something", (ChangeKeys,)),
    ("Streams", (StreamKeys,)),
    ("In every pane", (FeedPane,)),
    ("In tables", (TablePane, ListedPane)),
    ("Rows", (RowTable,)),
    ("Resources", (ResourcePane,)),
    ("Logs", (LogPane,)),
    ("Log lines", (LogView,)),
    ("Journal", (JournalPane,)),
    ("Port-forwards", (ForwardPane,)),
    ("One object", (ObjectScreen, RelatedTree)),
    ("Its text", (TextView,)),
    ("Two objects compared", (CompareScreen,)),
    ("A plan of changes", (PlanScreen, ScrollingScreen)),
    ("Menu", (Menu,)),
    ("A line of text", (LineInput,)),
    ("Forms", (Form, ChoiceField, ListField, PushButton)),
    ("Lines to type into", (Prompt, CompletingPrompt)),
    ("Before a stream, and a copy", (Lights, Question, Locked, Copying)),
    ("Texts like this one", (Reader, Waiting, Unhurried)),
)


def sections() -> Iterator[tuple[str, list[Binding]]]:
    """Headings with their own keys; what a part has from what it is made of stands there."""
    for title, parts in SECTIONS:
        yield title, [one for part in parts for one in vars(part).get("BINDINGS", ()) if isinstance(one, Binding)]
