"""A person's data as a file for that person."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from common.csvfile import BOM, safe_cell
from tenants.models import AuditEntry, Erasure, Member
from tenants.personal.blocks import reference_of
from tenants.personal.finding import Found, Marks
from tenants.personal.registry import sources
from tenants.services import audit_add


def person_export(*, found: Found, at: datetime, by: Member | None, label: str = "") -> bytes:
    """A zip file with everything that is held of the person: `person.json`, and a CSV file per place.

    The audit entry names a hash, not the person.
    """
    parts = {one.key: [_plain_row(row) for row in one.rows(found.person)] for one in sources if not one.inner}
    parts = {key: rows for key, rows in parts.items() if rows}
    named = [one for one in found.choices if one.chosen or one.kind != "text"]  # others may be about a namesake
    if named:
        parts["named_in"] = [
            {"place": one.place, "where": one.where, "text": one.excerpt, "kind": one.kind} for one in named
        ]
    if audit := _audit_of(found):
        parts["audit_trail"] = audit
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        said = {"made_at": at.isoformat(), "person": _identities(found), **parts}
        archive.writestr("person.json", json.dumps(said, ensure_ascii=False, indent=1))
        for key, rows in parts.items():
            archive.writestr(f"{re.sub('[^A-Za-z_]', '_', key)}.csv", _csv(rows))
    target = Erasure(reference=reference_of(found.person), at=at)
    audit_add(actor=by, action="export", target=target, at=at, label=label or None)
    return packed.getvalue()


def _identities(found: Found) -> list[dict[str, str]]:
    return [
        {"kind": one.kind, "name": one.name, "detail": one.detail, "account": one.where} for one in found.person.chosen
    ]


def _audit_of(found: Found) -> list[dict[str, Any]]:
    wanted = Q(pk__in=[])
    if pattern := Marks.of(found.person).sure:
        wanted |= Q(object_label__iregex=pattern)
    for label, pks in found.person.rows.items():
        wanted |= Q(noun=label.rpartition(".")[2].lower(), object_id__in=pks)
    entries = AuditEntry.objects.filter(wanted).order_by("at")
    return [
        {"at": entry.at.isoformat(), "action": entry.action, "noun": entry.noun, "about": entry.object_label}
        for entry in entries[:5_000]
    ]


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(one) for one in value]
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _csv(rows: list[dict[str, Any]]) -> str:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    for row in rows:
        cells = [row.get(name) for name in heads]
        plain = [json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell for cell in cells]
        writer.writerow([safe_cell(cell) for cell in plain])
    return BOM + text.getvalue()
