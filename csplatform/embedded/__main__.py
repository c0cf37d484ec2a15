"""`python -m csplatform.embedded start|stop|status`: the services of CSPLATFORM_HOME without the demo."""

import argparse
import os
import sys
from pathlib import Path

from csplatform.embedded import ensure, running, stop
from csplatform.embedded.services import detach
from csplatform.embedded.state import EmbeddedError


def home_from_environment() -> Path:
    """CSPLATFORM_HOME, else `.csplatform` beside the code."""
    default = Path(__file__).resolve().parents[2] / ".csplatform"
    return Path(os.environ.get("CSPLATFORM_HOME") or default).resolve()


def main() -> int:
    """Do what the one argument says; 0 when the services run (start, status) or are stopped (stop)."""
    parser = argparse.ArgumentParser(prog="python -m csplatform.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status"])
    action, home = parser.parse_args().action, home_from_environment()
    try:
        if action == "start":
            if ensure(home).responsible:
                detach(home)
        elif action == "stop":
            stop(home)
        found = running(home)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, pid in found.items():
        sys.stdout.write(f"{name} runs as process {pid}\n")
    if not found:
        sys.stdout.write(f"No service of {home} runs.\n")
    return 0 if bool(found) != (action == "stop") else 1


if __name__ == "__main__":
    sys.exit(main())
