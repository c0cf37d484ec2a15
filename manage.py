"""Run a management command; beside a running demo it finds its services through CSPLATFORM_HOME."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        from django.conf import settings

        from csplatform.embedded import absence

        if explanation := absence(settings.HOME):
            sys.exit(explanation)
        raise


if __name__ == "__main__":
    main()
