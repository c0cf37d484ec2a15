"""Imports over the API: what was brought in, how far it is, and what became of it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from imports.models import Import
from imports.selectors import import_list
from tenants.api_schema import PAGES
from tenants.api_views import RowPages, ScopedAPIView


class ImportSerializer(serializers.ModelSerializer[Import]):
    """An import. `counts`: rows by what became of them; `done` of `total` while a worker is busy."""

    by = serializers.EmailField(source="by.user.email", allow_null=True, default=None)
    done = serializers.IntegerField(source="run.done", default=0)
    total = serializers.IntegerField(source="rows_total")

    class Meta:
        model = Import
        fields = (
            "id",
            "target",
            "filename",
            "source",
            "state",
            "by",
            "created_at",
            "finished_at",
            "undone_at",
            "total",
            "done",
            "counts",
            "findings",
            "error",
        )


class ImportList(ScopedAPIView):
    """`GET /api/v1/imports/`."""

    scopes = {"GET": "accounts:read"}
    takes = {"GET": PAGES}

    @extend_schema(responses=ImportSerializer(many=True), operation_id="imports_list")
    def get(self, request: Request) -> Response:
        """The imports by pages, the oldest first; files are brought in on the page *Import*."""
        pages = RowPages()
        page = pages.paginate_queryset(import_list(), request, view=self)
        rows: Any = ImportSerializer(page or [], many=True).data
        return pages.get_paginated_response(rows)
