"""Start everything, stop everything."""

import os
import sys

from csplatform.demo.runner import Runner
from csplatform.embedded.__main__ import home_from_environment

if __name__ == "__main__":
    sys.exit(Runner(home_from_environment(), int(os.environ.get("PORT") or "8000")).run())
