"""What of customers' persons this room's tables hold."""

from health import models as own
from tenants.personal import declare


def declare_all() -> None:
    """Called when the app starts."""
    declare(own.Scorecard, none=("name", "draft"), why="what admins set up for many accounts")
    declare(own.ScorecardVersion, none=("definition", "measure_keys", "reason"), why="what admins set up")
    for model in (own.Score, own.ReportedScore):
        declare(model, none=("raws",), why="figures of accounts")
    declare(own.StaleScore, why="accounts and days")
