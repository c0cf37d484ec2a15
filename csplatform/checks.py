"""`python -m csplatform.checks`: everything that CI runs, each to its end, with a summary of all."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from csplatform import console

CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy", "."],
    "imports": ["importlinter.cli"],
    "migrations": ["manage", "makemigrations", "--check", "--dry-run"],
    "translations": ["csplatform.messages", "check"],
    # Files in their order: few of the longest tests are alone in theirs, and must not come last.
    "tests": ["pytest", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "15"],
}
FAST = ("format", "lint", "types", "imports", "migrations", "translations")
_COUNTS = re.compile(r"^=*\s*(\d+ (?:passed|failed|skipped|error).*?)\s*=*$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    passed: bool
    seconds: float
    summary: str


def run(name: str, arguments: list[str]) -> Outcome:
    """Run one check; its output is shown as it comes, and the last line of it (or pytest's counts) is kept."""
    console.headline(f"── {name}")
    began = time.monotonic()
    child = subprocess.Popen(  # noqa: S603 - the commands above
        _command(name, arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    )
    lines = []
    for line in child.stdout or ():
        console.say(line.rstrip())
        lines.append(line)
    text = "".join(lines).strip()
    counts = _COUNTS.findall(text)
    summary = counts[-1] if counts else text.splitlines()[-1] if text else ""
    return Outcome(name, child.wait() == 0, time.monotonic() - began, summary[:90])


def _command(name: str, arguments: list[str]) -> list[str]:
    if name == "imports":
        return [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    first, *rest = arguments
    if first == "manage":
        return [sys.executable, "manage.py", *rest]
    return [sys.executable, "-m", first, *rest]


def _environment() -> dict[str, str]:
    """The caller's, without the settings that importing this package names: tests choose their services before them."""
    inherited = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return {**inherited, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def main(only: list[str]) -> int:
    """Run the named checks, or `fast` for all but the tests, or all; 1 when one of them failed."""
    names = list(FAST) if only == ["fast"] else only or list(CHECKS)
    if unknown := set(names) - set(CHECKS):
        console.complain(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(CHECKS)}, fast")
        return 2
    outcomes = [run(name, CHECKS[name]) for name in names]
    console.say()
    for outcome in outcomes:
        mark = "passed" if outcome.passed else "FAILED"
        console.say(f"  {mark}  {outcome.name:<13} {outcome.seconds:6.1f} s  {outcome.summary}")
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    total = sum(outcome.seconds for outcome in outcomes)
    console.headline(f"{len(outcomes) - len(failed)} of {len(outcomes)} checks passed in {total:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
