"""ARR at risk: all of a red account, half of an amber one or of one without a score, nothing of a green one."""

from decimal import Decimal

_SHARES = {"red": Decimal(1), "green": Decimal(0)}
_ELSE = Decimal("0.5")


def at_risk(arr: Decimal | None, band: str) -> Decimal:
    """What of an account's ARR is at risk, unrounded and in the ARR's currency; no ARR risks nothing."""
    return (arr or Decimal(0)) * _SHARES.get(band, _ELSE)


def share_sql(alias: str) -> str:
    """The same share in SQL, of the row of scores under this alias."""
    cases = " ".join(f"WHEN '{band}' THEN {share}" for band, share in _SHARES.items())
    return f"CASE {alias}.band {cases} ELSE {_ELSE} END"
