"""Start everything, stop everything."""

import os
import sys

from csplatform import console
from csplatform.demo.runner import CannotStartError, Runner, port_of
from csplatform.embedded.__main__ import home_from_environment


def main() -> int:
    """Run until a signal; the exit code."""
    try:
        port = port_of(os.environ.get("PORT") or "8000")
    except CannotStartError as error:
        console.complain(str(error))
        return 1
    return Runner(home_from_environment(), port).run()


if __name__ == "__main__":
    sys.exit(main())
