"""Reads the e-mail that a demo writes to files instead of sending it."""

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """A message as it would have gone out."""

    to: str
    subject: str
    date: str
    text: str


def mail_list(*, folder: Path, limit: int = 50) -> list[Mail]:
    """The latest messages in the folder, newest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.exists() else []
    mails: list[Mail] = []
    for path in files[:limit]:
        for part in path.read_bytes().split(b"-" * 79):
            if part.strip():
                mails.append(_mail(part.strip()))
    return mails[:limit]


def _mail(source: bytes) -> Mail:
    message = email.message_from_bytes(source, policy=default)
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    text = body.get_content() if body else ""
    return Mail(to=str(message["To"]), subject=str(message["Subject"]), date=str(message["Date"]), text=text)
