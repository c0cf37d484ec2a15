"""The night ledger and long work."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Member, Tenant

JOB_LABELS = {
    "intake": _("Unpack what came in"),
    "terms": _("Contract terms"),
    "activity": _("Activity"),
    "health": _("Health"),
    "lifecycle": _("Stages of accounts"),
    "cards": _("Scorecards and bands set by hand"),
    "alerts": _("Alerts"),
    "check": _("Check against the events"),
}


class Night(models.Model):
    """One step of one tenant's night: claimed with SKIP LOCKED, done inside the claiming transaction.

    Holds no customer data and therefore has no policy. `local_date` is the day that the step closes (or, when
    `provisional`, the day that is still running). `rows` counts what the step wrote.
    """

    class State(models.TextChoices):
        """Where the step stands."""

        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    job = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    local_date = models.DateField()
    shard = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows = models.IntegerField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "local_date", "job", "shard"], name="night_step_once")]
        indexes = [models.Index(fields=["state", "not_before"], name="night_to_do")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.local_date} {self.job}"

    @property
    def label(self) -> str:
        """The step's name for people."""
        return str(JOB_LABELS.get(self.job, self.job))


class ProvisionalDay(models.Model):
    """The latest unclosed day of a tenant that was computed, and when. No customer data, no policy."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="+")
    local_date = models.DateField()
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.local_date}"


class Run(TenantModel):
    """Long work that a person started: progress while it runs, a result that can be read later."""

    class State(models.TextChoices):
        """Where the work stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    started_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.title


class File(TenantModel):
    """A file that a person put in, as it came. Which row it belongs to is that room's business.

    The bytes stand in `FileBody`, in Postgres: one transaction keeps them with what they belong to, below the same
    policy, and backups and a tenant's export hold them without further ado.
    """

    name = models.CharField(max_length=150)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = TenantForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class FileBody(TenantModel):
    """The bytes of a file, apart, so that lists never read them."""

    file = TenantForeignKey(File, models.CASCADE, related_name="+")
    content = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "file"], name="file_body_once")]

    def __str__(self) -> str:
        return str(self.file_id)
