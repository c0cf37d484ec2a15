"""The demo world's command: what it writes down opens the door."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from csplatform.management.commands.demo_world import Command
from csplatform.world.build import DEMO
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


def test_a_demo_started_on_another_port_says_so_in_its_file(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    tenants = [{"slug": recipe.slug, "url": "http://localhost:1/t/x/", "logins": []} for recipe in DEMO]
    (tmp_path / "demo.json").write_text(json.dumps({"url": "http://localhost:1", "tenants": tenants}))
    settings.SITE_URL = "http://localhost:2"
    Command()._readdress()
    told = json.loads((tmp_path / "demo.json").read_text())
    assert told["url"] == "http://localhost:2"
    assert [tenant["url"] for tenant in told["tenants"]] == [f"http://localhost:2/t/{r.slug}/" for r in DEMO]
    beside = {name: value for name, value in os.environ.items() if name not in ("PORT", "SITE_URL")}
    command = [sys.executable, "-c", "from csplatform import settings; print(settings.SITE_URL, end='')"]
    told_url = subprocess.check_output(command, env={**beside, "CSPLATFORM_HOME": str(tmp_path)}, text=True)
    assert told_url == "http://localhost:2"
