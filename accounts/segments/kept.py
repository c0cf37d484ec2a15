"""Definitions that were kept long ago, in words: what they name may be gone by now."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.segments.catalogue import catalogue
from accounts.segments.definition import DefinitionFault, parse
from accounts.segments.words import sentence


def words_of_document(document: Any) -> str:
    """The sentence of a kept definition; says so where a field that it names is no longer there."""
    try:
        return sentence(parse(document, catalogue())) or _("every account")
    except DefinitionFault:
        return _("a condition on fields that are no longer there")
