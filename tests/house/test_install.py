"""The packages are dealt to two pips: none is lost, each keeps its hashes, and a pip that fails fails the whole."""

import re
from pathlib import Path

import pytest

from csplatform import install

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"^[A-Za-z0-9][\w.-]*(?===)", re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_in_one_share_with_its_hashes(name: str) -> None:
    """The shares of a lock hold the same lines as the lock."""
    lock = (ROOT / name).read_text()
    shares = install.shares(lock)
    assert sorted(_NAME.findall("".join(shares))) == sorted(_NAME.findall(lock)) != []
    assert sorted("".join(shares).splitlines()) == sorted(line for line in lock.splitlines() if line)
    assert all(part.count("--hash=") for share in shares for part in re.split(r"\n(?=\w)", share.strip()))


def test_one_that_fails_fails_the_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The code of a pip that failed is the installation's."""
    lock = tmp_path / "some.lock"
    lock.write_text("good==1 \\\n    --hash=sha256:00\nbad==1 \\\n    --hash=sha256:00\n")
    look = "import sys; sys.exit(3 if 'bad' in open(sys.argv[-1]).read() else 0)"
    monkeypatch.setattr(install, "_PIP", ("-c", look))
    assert install.install(lock) == 3
    lock.write_text("good==1 \\\n    --hash=sha256:00\n")
    assert install.install(lock) == 0
