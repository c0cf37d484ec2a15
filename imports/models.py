"""Imports: the file, what it means, how far it is, and what each row did."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from operations.models import Run
from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member


class Import(TenantModel):
    """A file that somebody brings in. `state` says what happens next; `position` counts the rows that are done.

    `mapping`: column number → field, as text. `accepted`: the suggestions that were accepted. `counts`: rows by fate,
    as previewed until the import runs, then as done. `preview`: the first rows of each fate. `beat_at`: when a worker
    last showed a sign. Things are named by their own keys, never by ids, so that a tenant can move.
    """

    class State(models.TextChoices):
        """Where an import stands."""

        MAPPING = "mapping", _("columns to check")
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to run")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("stopped")

    target = models.CharField(max_length=20)
    filename = models.CharField(max_length=200)
    source = models.CharField(max_length=80)
    by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAPPING)
    stopped_in = models.CharField(max_length=8, blank=True, default="")
    heads = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    rows_total = models.IntegerField(default=0)
    mapping = models.JSONField(default=dict)
    suggestions = models.JSONField(default=list)
    accepted = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    run = TenantForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-created_at"], name="import_by_time")]

    def __str__(self) -> str:
        return self.filename


class ImportFile(TenantModel):
    """The bytes of an import's file, as they came."""

    of = TenantForeignKey(Import, models.CASCADE, related_name="+")
    raw = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "of"], name="import_file_once")]

    def __str__(self) -> str:
        return str(self.of_id)


class ImportRow(TenantModel):
    """What a row did: created or changed a thing, or why it was refused. Rows that change nothing are only counted.

    `fate` made: something that the row needed and nobody had, such as a product. `before` and `after` hold plain values
    by field. `undone`: "back", or "kept" with its reason in `reasons`.
    """

    of = TenantForeignKey(Import, models.CASCADE, related_name="rows")
    line = models.IntegerField()
    fate = models.CharField(max_length=8)
    noun = models.CharField(max_length=20)
    key = models.CharField(max_length=700)
    name = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    undone = models.CharField(max_length=4, blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "of", "fate", "id"], name="import_row_by_fate")]

    def __str__(self) -> str:
        return f"{self.fate} {self.name}"


class ImportSource(TenantModel):
    """Where files of one kind come from: what the heads of their columns meant, and which rules were accepted.

    `mapping`: head → field, "" for a column that is left out.
    """

    target = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    mapping = models.JSONField(default=dict)
    accepted = models.JSONField(default=list)
    used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "target", "name"], name="import_source_once")]

    def __str__(self) -> str:
        return self.name
