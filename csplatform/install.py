"""Installs a lock's packages, before there are any: `python -P csplatform/install.py requirements.lock`.

The lock is complete, so nothing is resolved and every package stands alone: two pips share them, one for each core.
Modules are compiled when first imported. Run as a file, with the standard library alone.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

_AT_ONCE = 2
_PIP = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--no-compile")
_REQUIREMENT = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)


def shares(lock: str, number: int = _AT_ONCE) -> list[str]:
    """The requirements of a lock, each with its hashes, dealt into `number` locks that are all complete themselves."""
    requirements = [part for part in _REQUIREMENT.split(lock) if part and part[0] not in "# \n"]
    return ["".join(requirements[start::number]) for start in range(number)]


def install(lock: Path) -> int:
    """Install a lock into this interpreter's environment; 0, or the code of a pip that failed and said why."""
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for number, share in enumerate(shares(lock.read_text())):
            part = Path(folder) / f"{number}.lock"
            part.write_text(share)
            running.append(subprocess.Popen([sys.executable, *_PIP, "-r", str(part)]))  # noqa: S603 - pip, our lock
        return max([abs(pip.wait()) for pip in running])


if __name__ == "__main__":
    sys.exit(install(Path(sys.argv[1])))
