"""The demo world's command: what it writes down opens the door."""

import json
from pathlib import Path
from typing import Any

import pytest

from csplatform.management.commands.demo_world import Command
from tenants.models import User


@pytest.mark.django_db
def test_the_platform_login_that_is_written_down_holds_however_many_tenants_follow(
    settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    for slug in ("northwind", "yunfan"):
        Command()._write({"slug": slug, "logins": []})
    held = json.loads((tmp_path / "demo.json").read_text())
    staff = User.objects.get(email=held["platform"]["email"])
    assert staff.check_password(held["platform"]["password"])
    assert staff.is_platform_staff
    assert [tenant["slug"] for tenant in held["tenants"]] == ["northwind", "yunfan"]
