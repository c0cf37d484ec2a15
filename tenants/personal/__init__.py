"""One person across all rooms: found, exported, erased, and kept out afterwards.

Rooms declare what of a person their tables hold (`declare`), how a person is found (`register_finder`) and what needs
more than a row's columns (`register_source`, `register_choices`), when apps start. `blocks` is asked at every door.
"""

from tenants.personal.blocks import ErasedPerson, blocked, person_blocked, turned_away
from tenants.personal.erasing import person_allow, person_erase
from tenants.personal.exporting import person_export
from tenants.personal.finding import Choice, Found, keys_unknown, person_find
from tenants.personal.identity import Identity, Person, register_finder
from tenants.personal.registry import DELETE, Source, clear, declare, register_choices, register_source

__all__ = [
    "DELETE",
    "Choice",
    "ErasedPerson",
    "Found",
    "Identity",
    "Person",
    "Source",
    "blocked",
    "clear",
    "declare",
    "keys_unknown",
    "person_allow",
    "person_blocked",
    "person_erase",
    "person_export",
    "person_find",
    "register_choices",
    "register_finder",
    "register_source",
    "turned_away",
]
