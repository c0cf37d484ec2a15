"""The production files name only what exists, default no secret, and make the same roles as the embedded Postgres."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from csplatform.embedded.postgres import APP, BACKUP, DATABASE, OWNER
from tests.services import ROOT

_TEXT = (ROOT / "docker-compose.yml").read_text()
_FILE: dict[str, Any] = yaml.safe_load(_TEXT)
_SERVICES: dict[str, dict[str, Any]] = _FILE["services"]
_OURS = ("migrate", "web", "worker", "beat")
_READ_BY_SETTINGS = set(
    re.findall(
        r"(?:environ\.get\(|environ\[|_from_environment\()\"([A-Z_]+)\"", (ROOT / "csplatform/settings.py").read_text()
    )
)
_SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "BACKUP_PASSWORD", "REDIS_PASSWORD"}


def test_the_services_of_production_are_all_there() -> None:
    assert set(_SERVICES) == {"postgres", "redis", *_OURS}
    assert _SERVICES["postgres"]["image"] == "postgres:18"


def test_every_variable_is_required_and_none_has_a_default() -> None:
    text = "\n".join(line for line in _TEXT.splitlines() if not line.lstrip().startswith("#"))
    variables = re.findall(r"(?<!\$)\$(?:\{([A-Z_]+)([^}]*)\}|([A-Za-z_]+))", text)
    assert variables
    for name, rest, bare in variables:
        assert rest.startswith(":?"), name or bare
    assert {name for name, _, _ in variables} >= _SECRETS


@pytest.mark.parametrize("service", _OURS)
def test_every_setting_given_to_the_product_is_read_by_it(service: str) -> None:
    given = set(_SERVICES[service]["environment"])
    assert given <= _READ_BY_SETTINGS
    assert given >= {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS"}


def test_only_what_changes_the_schema_is_given_the_owner() -> None:
    owners = {name for name in _OURS if "DATABASE_OWNER_URL" in _SERVICES[name]["environment"]}
    assert owners == {"migrate", "worker"}
    for name in _OURS:
        assert f"//{APP}:" in _SERVICES[name]["environment"]["DATABASE_URL"]
        assert _SERVICES[name]["environment"]["DATABASE_URL"].endswith(f"/{DATABASE}")


def test_services_volumes_and_files_that_are_named_exist() -> None:
    for name, service in _SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(_SERVICES), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in _FILE["volumes"], volume
        if "build" in service:
            assert (ROOT / service["build"] / "Dockerfile").is_file()


def test_conditions_wait_for_something_that_can_come_true() -> None:
    for service in _SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in _SERVICES[name], name
            else:
                assert _SERVICES[name]["restart"] == "no", name


@pytest.mark.django_db
def test_commands_name_programs_and_modules_that_exist() -> None:
    assert _SERVICES["migrate"]["command"][:3] == ["python", "manage.py", "migrate"]
    assert "migrate" in get_commands()
    for name in ("worker", "beat"):
        program, option, module, action, *_ = _SERVICES[name]["command"]
        assert (program, option, action) == ("celery", "-A", name)
        assert import_module(module).celery_app
    dockerfile = (ROOT / "Dockerfile").read_text()
    module, name = re.findall(r'"gunicorn", "([\w.]+):(\w+)"', dockerfile)[0]
    assert hasattr(import_module(module), name)
    for module in [*re.findall(r"-m (csplatform[\w.]*)", dockerfile), _SERVICES["web"]["healthcheck"]["test"][3]]:
        assert find_spec(module), module


def test_every_path_the_image_copies_exists() -> None:
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), line


def test_the_roles_of_production_are_those_of_the_embedded_postgres() -> None:
    script = (ROOT / "docker/roles.sh").read_text()
    made = {
        name: rights.split() for name, rights in re.findall(r"CREATE ROLE (\w+)\s+LOGIN ([A-Z ]+) PASSWORD", script)
    }
    assert made == {
        OWNER: ["NOSUPERUSER", "CREATEDB", "NOCREATEROLE", "NOBYPASSRLS"],
        APP: ["NOSUPERUSER", "NOCREATEDB", "NOCREATEROLE", "NOBYPASSRLS"],
        BACKUP: ["NOSUPERUSER", "NOCREATEDB", "NOCREATEROLE", "BYPASSRLS"],
    }
    assert f"CREATE DATABASE {DATABASE} OWNER {OWNER}" in script
    assert set(re.findall(r"\$\{?([A-Z]+_PASSWORD)", script)) <= set(_SERVICES["postgres"]["environment"])


def test_operations_lists_every_setting_and_every_variable() -> None:
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operations.md").read_text()))
    variables = set(re.findall(r"\$\{([A-Z_]+)", _TEXT))
    assert (_READ_BY_SETTINGS | variables) - told == set()


def test_what_ci_runs_installs_a_browser_and_then_runs_all_checks() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    text = script.read_text()
    for part in ("chromium", "fonts-noto-cjk", "export CI=true", "exec make test"):
        assert part in text
    assert Path(ROOT / "Makefile").read_text().count("\ntest:") == 1
