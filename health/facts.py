"""Score and band as facts: what segments and columns may ask for. A scorecard may not: it would look at itself."""

from django.utils.translation import gettext_lazy as _

from accounts.facts import Fact
from health.models import Band

_SQL = "SELECT account_id, {column} AS value FROM health_score WHERE tenant_id = %(tenant)s AND day = {{day}}"
_REPORTED_SQL = """SELECT k.account_id, CASE WHEN r.account_id IS NULL THEN {known} ELSE {kept} END AS value
    FROM health_score k LEFT JOIN health_reportedscore r
        ON r.tenant_id = k.tenant_id AND r.day = k.day AND r.account_id = k.account_id
    WHERE k.tenant_id = %(tenant)s AND k.day = {{day}} AND k.reported <> 0"""

UNCERTAIN, SURE = "uncertain", "sure"
CERTAINTIES = ((UNCERTAIN, _("uncertain")), (SURE, _("certain")))
_CERTAINTY = f"CASE {{row}}uncertain WHEN true THEN '{UNCERTAIN}' WHEN false THEN '{SURE}' END"

HEALTH_FACTS = (
    Fact(
        "health_score",
        _("Health score"),
        "points",
        "health",
        _("The score of the day, 0 to 100; none below the minimum coverage."),
        sql=_SQL.format(column="score"),
        sql_reported=_REPORTED_SQL.format(known="k.score", kept="r.score"),
    ),
    Fact(
        "health_band",
        _("Health band"),
        "word",
        "health",
        _("Healthy, watch, at risk, or no score."),
        sql=_SQL.format(column="band"),
        sql_reported=_REPORTED_SQL.format(known="k.band", kept="r.band"),
        choices=tuple((str(band.value), band.label) for band in Band),
    ),
    Fact(
        "health_certainty",
        _("Certainty of the band"),
        "word",
        "health",
        _("Uncertain: what is missing could still put the score in another band; the band itself stays."),
        sql=_SQL.format(column=_CERTAINTY.format(row="")),
        sql_reported=_REPORTED_SQL.format(known=_CERTAINTY.format(row="k."), kept=_CERTAINTY.format(row="r.")),
        choices=CERTAINTIES,
    ),
)
