"""What of customers' persons this room's tables hold."""

from operations.models import File, FileBody, Run
from tenants.models import (
    AuditEntry,
    ErasedIdentity,
    Erasure,
    ErasureSalt,
    Invitation,
    Key,
    Member,
    TurnedAway,
)
from tenants.personal import declare


def declare_all() -> None:
    """Called when the app starts; for the room below too, whose models are loaded before its registry."""
    declare(Member, why="colleagues, not customers")
    declare(Invitation, none=("email",), why="colleagues, not customers")
    declare(Key, none=("name", "prefix", "scopes"), why="programs")
    declare(
        AuditEntry,
        none=("actor_label", "action", "noun", "object_label", "changes"),
        why="blacked out by the owner's function, since the run-time role cannot change entries",
    )
    declare(ErasureSalt, none=("salt",), why="random")
    declare(Erasure, none=("by_label", "reason", "reference", "counts"), why="names nobody: hashes and numbers")
    declare(ErasedIdentity, none=("kind", "digest"), why="salted hashes")
    declare(TurnedAway, none=("door",), why="numbers")
    declare(Run, copies=("title", "params", "result", "error"), none=("kind",), why="codes")
    declare(File, none=("name", "sha256"), why="an admin decides on files where they are kept (accounts)")
    declare(FileBody, none=("content",), why="goes with its file")
