"""Imports what web, worker and beat will import, so that its bytecode is there when they start.

Packages are installed without compiling them, and on a fresh installation three processes at once would compile the
same modules while somebody waits for the first page.
"""

import os
from importlib import import_module

MODULES = ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "csplatform.wsgi", "csplatform.urls",
           "celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "csplatform.celery")  # fmt: skip


def main() -> None:
    """Import it all, and nothing more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
    import django

    django.setup()
    for module in MODULES:
        import_module(module)


if __name__ == "__main__":
    main()
