"""Static files, collected and compressed only when one of them changed: compressing plotly takes seconds."""

import hashlib
import os
from pathlib import Path

from csplatform import messages, storage
from csplatform.embedded.state import locked
from csplatform.storage import IGNORED

STAMP, LOCK = ".collected", ".lock"


def collect() -> bool:
    """Collect into STATIC_ROOT; False when what is there is already of these files."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with locked(root, LOCK):
        stamp, now = root / STAMP, _fingerprint()
        if stamp.exists() and stamp.read_text() == now:
            return False
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=IGNORED)
        stamp.write_text(now)
    return True


def _fingerprint() -> str:
    """Changes with every file and with how files are made."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(Path(storage.__file__).read_bytes())
    for finder in get_finders():
        for path, source in finder.list(IGNORED):
            found = Path(source.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def main() -> None:
    """Make the binary language files and collect: all that a start, or an image that is built, needs of files."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
    messages.compile_all()
    django.setup()
    collect()


if __name__ == "__main__":
    main()
