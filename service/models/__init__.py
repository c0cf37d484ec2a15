"""What customers asked, wished for, answered, and what helps them."""

from service.models.help import HelpArticle
from service.models.surveys import Survey, SurveyAnswer, SurveyInvite
from service.models.tickets import Channel, Priority, Ticket
from service.models.voice import CaseFeature, Request, Rival, SuccessCase, Wish

__all__ = [
    "CaseFeature",
    "Channel",
    "HelpArticle",
    "Priority",
    "Request",
    "Rival",
    "SuccessCase",
    "Survey",
    "SurveyAnswer",
    "SurveyInvite",
    "Ticket",
    "Wish",
]
