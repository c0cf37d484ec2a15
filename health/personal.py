"""What of customers' persons this room's tables hold."""

from health import models as own
from tenants.personal import declare


def declare_all() -> None:
    """Called when the app starts."""
    declare(own.Scorecard, none=("name", "stages"), why="what admins set up for many accounts")
    declare(own.ScorecardVersion, none=("definition", "measure_keys", "reason"), why="what admins set up")
    declare(own.Draft, none=("name", "document", "reason"), why="what admins set up")
    declare(own.BackTest, none=("document", "other", "result", "error"), why="figures over many accounts")
    declare(own.Rescoring, none=("account_ids", "result", "error"), why="figures over many accounts")
    declare(own.HealthSetting, why="what admins set up")
    declare(own.DraftNote, free=("text",), where="draft__scorecard__name")
    declare(own.LintReport, none=("findings",), why="figures over many accounts")
    declare(own.Override, free=("reason", "outcome"), where="account__name")
    for model in (own.Score, own.ReportedScore, own.RescoredScore):
        declare(model, none=("raws",), why="figures of accounts")
    declare(own.StaleScore, why="accounts and days")
