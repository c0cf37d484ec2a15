"""What happens between services and pages: migrations, language files, the demo world, missed nights.

A process of its own, so that the runner stays small and the progress bars of these steps reach the terminal.
"""

import os
import subprocess
import sys

from csplatform import console


def run_missed_nights() -> None:
    """Run the nights that passed while nothing ran, tenant after tenant, oldest first."""
    from django.core.management import call_command, get_commands

    if "nightly" not in get_commands():
        return
    console.step("Nights missed since the last start, where there are any")
    call_command("nightly", missed=True)


def make_demo_world() -> None:
    """Make those demo tenants that are not there yet; their logins are the last thing written of each."""
    from django.conf import settings
    from django.core.management import call_command, get_commands

    if "demo_world" not in get_commands():
        return
    if not (settings.HOME / "demo.json").exists():
        console.step("The demo world: two vendors, their accounts and 400 days of events")
    call_command("demo_world")


def migrate() -> None:
    """Bring the database to this version, as its owner."""
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)


def main() -> int:
    """Do each step; a failure of one ends the start with its traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
    import django

    django.setup()
    console.step("Database migrations; language files and static files beside them")
    files = _beside("csplatform.demo.statics")
    migrate()
    if code := files.wait():
        return code
    make_demo_world()
    run_missed_nights()
    return 0


def _beside(module: str) -> "subprocess.Popen[bytes]":
    """A module of ours in a process of its own, of this process's group: who stops this one stops that too."""
    return subprocess.Popen([sys.executable, "-m", module])  # noqa: S603 - our own module


if __name__ == "__main__":
    sys.exit(main())
