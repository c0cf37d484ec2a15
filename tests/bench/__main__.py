"""`make bench`: run the measurements in an installation of their own and write the results.

`make bench ONLY=night` runs one. Results go to `$CSPLATFORM_HOME/bench.json`; the data live in a home of their
own, which is removed again.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from tests.bench.results import Result, table

BENCHES = (
    "intake",
    "store",
    "night",
    "pages",
    "search",
    "segments",
    "imports",
    "scorecards",
    "backtest",
    "rescoring",
    "revenue",
)
Bench = Callable[[], list[Result]]


def main() -> int:
    """Run what is asked for; 0 when every target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=BENCHES)
    only = parser.parse_args().only
    keep = Path(os.environ.get("CSPLATFORM_HOME") or ".csplatform").resolve()
    home = Path(tempfile.mkdtemp(prefix="csp-b-"))
    home.chmod(0o711)
    os.environ["CSPLATFORM_HOME"] = str(home)
    from csplatform import embedded

    try:
        embedded.ensure(home)
        _prepare()
        before = psutil.cpu_times()
        results = [calibration()]
        for name in [only] if only else BENCHES:
            print(f"— {name}", flush=True)  # noqa: T201 - a command's output
            bench: Bench = import_module(f"tests.bench.{name}").run
            results += bench()
        results.append(_stolen(before))
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)
    keep.mkdir(parents=True, exist_ok=True)
    (keep / "bench.json").write_text(json.dumps([result.as_dict() for result in results], indent=2))
    print(table(results))  # noqa: T201 - a command's output
    return 0 if all(result.met for result in results) else 1


def _prepare() -> None:
    """Settings of the new home, and its tables."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "csplatform.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    from csplatform.demo.statics import collect

    collect()


def _stolen(before: Any) -> Result:
    """Share of the processors' time since `before` that the host gave to other machines."""
    spent = [after - then for after, then in zip(psutil.cpu_times(), before, strict=True)]
    stolen = spent[before._fields.index("steal")] if hasattr(before, "steal") else 0.0
    return Result("processor time that the host gave to others", 100 * stolen / (sum(spent) or 1), "%")


def calibration() -> Result:
    """How fast this machine is now: a loop of pure Python, so that absolute figures can be read."""
    start = time.perf_counter()
    total = 0
    for number in range(5_000_000):
        total += number & 3
    return Result("calibration loop", time.perf_counter() - start, "s")


if __name__ == "__main__":
    sys.exit(main())
