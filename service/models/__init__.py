"""What customers asked, wished for, answered, and what helps them."""

from service.models.help import HelpArticle, HelpPage, HelpVote
from service.models.surveys import Survey, SurveyAnswer, SurveyInvite
from service.models.tickets import Channel, Priority, Ticket
from service.models.voice import CaseFeature, Request, Rival, SuccessCase, Wish

__all__ = [
    "CaseFeature",
    "Channel",
    "HelpArticle",
    "HelpPage",
    "HelpVote",
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
