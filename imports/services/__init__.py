"""Writes imports: started, mapped, checked, run, undone."""

from imports.services.advance import import_advance
from imports.services.start import import_discard, import_map, import_start
from imports.services.states import WORKING, WrongState, import_accept, import_go, import_go_on, import_undo

__all__ = [
    "WORKING",
    "WrongState",
    "import_accept",
    "import_advance",
    "import_discard",
    "import_go",
    "import_go_on",
    "import_map",
    "import_start",
    "import_undo",
]
