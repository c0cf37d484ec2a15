"""What managers type about revenue figures."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from renewals.models import FULL_MARGIN


class RevenueSettingForm(forms.Form):
    """The gross margin in per cent (empty: none is set) and the days of grace."""

    gross_margin = forms.DecimalField(
        label=_("Gross margin, %"), min_value=Decimal("0.01"), max_value=FULL_MARGIN, decimal_places=2, required=False
    )
    grace_days = forms.IntegerField(label=_("Days of grace"), min_value=0, max_value=365)
