"""The three first alert rules at their edges."""

from datetime import date, timedelta

from playbooks.rules import Situation, findings

ON = date(2026, 3, 9)


def rules_of(**facts: object) -> list[str]:
    return [found.rule for found in findings(Situation(1, **facts), ON)]  # type: ignore[arg-type]


def test_use_is_down_at_seventy_per_cent_and_not_above() -> None:
    assert rules_of(users_28=7, users_28_before=10, usage_trend=0.7) == ["use_down"]
    assert rules_of(users_28=71, users_28_before=101, usage_trend=71 / 101) == []


def test_a_handful_of_users_is_no_trend() -> None:
    assert rules_of(users_28=1, users_28_before=4, usage_trend=0.25) == []


def test_silence_begins_after_thirty_days() -> None:
    assert rules_of(days_silent=30) == []
    assert rules_of(days_silent=31) == ["silent"]


def test_red_matters_within_ninety_days_before_renewal_and_not_after_it() -> None:
    red = {"band": "red", "score": 40}
    assert rules_of(**red, days_to_renewal=90) == ["red_renewal"]
    assert rules_of(**red, days_to_renewal=0) == ["red_renewal"]
    assert rules_of(**red, days_to_renewal=91) == []
    assert rules_of(**red, days_to_renewal=-1) == []
    assert rules_of(band="amber", score=60, days_to_renewal=10) == []


def test_what_is_not_known_raises_no_alert() -> None:
    assert rules_of() == []
    assert rules_of(usage_trend=None, users_28_before=100, users_28=0) == []


def test_a_finding_carries_its_figures_and_a_day_to_act_by() -> None:
    found = findings(Situation(1, users_28=3, users_28_before=10, usage_trend=0.3), ON)[0]
    assert found.facts == {"users": 3, "before": 10}
    assert found.due_on == ON + timedelta(days=5)
