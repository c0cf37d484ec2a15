"""`python -m csplatform.messages update|compile|check`: the language files, one catalogue per app, by Babel alone.

An app's catalogue holds the strings of its Python sources and of `templates/<app>/`. Shared templates (those at the
top, `common`, and the sign-in library's `account`, `allauth`, `mfa`) and `csplatform` belong to `common`.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import python_format
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "zh_Hans"
COMMON = "common"
_SHARED_SOURCES = ("csplatform",)
_SHARED_TEMPLATES = ("allauth", "account", "mfa", "socialaccount")
_SKIPPED = {"migrations", "tests"}
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_FIXED_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # so that a file changes only when a message does


def apps(root: Path = ROOT) -> list[str]:
    """The apps of the project: directories with an `apps.py` or a package of code below the stack's names."""
    found = {path.parent.name for path in root.glob("*/__init__.py")}
    return sorted(found - {"tests", *_SHARED_SOURCES} | {COMMON})


def extracted(app: str, root: Path = ROOT) -> Catalog:
    """The messages that the sources and templates of `app` use."""
    catalog = _empty()
    for path in sorted(_sources(app, root)):
        for line, message, comments, context in _messages(path):
            place = (str(path.relative_to(root)), line)
            catalog.add(message, locations=[place], auto_comments=comments, context=context)
    return catalog


def _sources(app: str, root: Path) -> Iterator[Path]:
    packages = [app, *(_SHARED_SOURCES if app == COMMON else ())]
    for package in packages:
        for path in (root / package).rglob("*.py"):
            if not _SKIPPED & set(path.relative_to(root).parts):
                yield path
    templates = root / "templates"
    folders = [app, *(_SHARED_TEMPLATES if app == COMMON else ())]
    for folder in folders:
        yield from (path for path in (templates / folder).rglob("*") if path.suffix in (".html", ".txt"))
    if app == COMMON:
        yield from templates.glob("*.html")
        yield from templates.glob("*.txt")


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        # What is left between the calls is filler; its indentation means nothing and would not parse.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    source = io.BytesIO(text.encode())
    yield from extract("python", source, keywords=_KEYWORDS, comment_tags=("Translators:",))


def _empty() -> Catalog:
    return Catalog(
        locale=LOCALE,
        header_comment="",
        creation_date=_FIXED_DATE,
        revision_date=_FIXED_DATE,
        fuzzy=False,
    )


def po_path(app: str, root: Path = ROOT) -> Path:
    """Where the catalogue of `app` is kept."""
    return root / "locale" / app / LOCALE / "LC_MESSAGES" / "django.po"


def _read(path: Path) -> Catalog:
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def update(root: Path = ROOT) -> None:
    """Bring every catalogue to the messages in use: new ones empty, those no longer used dropped."""
    for app in apps(root):
        used, held, path = extracted(app, root), _read(po_path(app, root)), po_path(app, root)
        if not len(used) and not path.exists():
            continue
        for message in used:
            kept = held.get(message.id, context=message.context)
            if message.id and kept is not None:
                message.string, message.flags = kept.string, message.flags | (kept.flags & {"fuzzy"})
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, used, no_location=True, sort_output=True, width=110)


def compile_all(root: Path = ROOT) -> int:
    """Write the binary form beside every catalogue that is newer than it; how many were written."""
    written = 0
    for path in sorted(root.glob("locale/*/*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, _read(path))
        written += 1
    return written


def problems(root: Path = ROOT) -> list[str]:
    """What keeps the product from speaking Chinese throughout, one line each; empty when nothing does."""
    found = []
    for app in apps(root):
        held = _read(po_path(app, root))
        for message in extracted(app, root):
            if message.id and (what := _problem(message, held)):
                where = ", ".join(f"{path}:{line}" for path, line in message.locations[:2])
                found.append(f"{app}: {what}: {message.id!r} ({where})")
    return found


def _problem(message: Message, held: Catalog) -> str:
    kept = held.get(message.id, context=message.context)
    if kept is None:
        return "missing"
    strings = [kept.string] if isinstance(kept.string, str) else list(kept.string or ())
    if not strings or not all(strings):
        return "untranslated"
    if kept.fuzzy:
        return "fuzzy"
    try:
        if message.python_format:
            kept.flags.add("python-format")
            python_format(held, kept)
    except TranslationError as error:
        return f"other placeholders ({error})"
    return ""


def main() -> int:
    """Do what the one argument says; 1 when `check` finds something."""
    parser = argparse.ArgumentParser(prog="python -m csplatform.messages", description=__doc__)
    parser.add_argument("action", choices=["update", "compile", "check"])
    action = parser.parse_args().action
    if action == "update":
        update()
    elif action == "compile":
        sys.stdout.write(f"{compile_all()} catalogues compiled\n")
    else:
        found = problems()
        sys.stdout.write("".join(f"{line}\n" for line in found))
        sys.stdout.write(f"{len(found)} messages lack their translation\n" if found else "translations complete\n")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
