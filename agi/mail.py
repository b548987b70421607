"""A queued mail as the message that is sent, in the words of templates/mail. Pure but for reading them."""

from datetime import datetime
from email.message import EmailMessage
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.render import TEMPLATES
from subscribers.calendar import JST
from subscribers.records.mails import Mail


def message(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """The template's first line is the subject. Facts that are moments in ISO form are told as they are in Japan.

    The Message-ID is the same at every attempt, so that a mail which arrives twice can be told from two.
    """
    facts = {name: _told(value) for name, value in mail.facts.items()}
    text = _environment().get_template(f"{mail.kind}.txt.j2").render(facts)
    subject, _, body = text.partition("\n\n")
    made = EmailMessage()
    made["From"] = sender
    made["To"] = mail.recipient
    made["Subject"] = subject
    made["Date"] = at
    made["Message-ID"] = f"<denwaban.{mail.id}.{mail.queued_at:%Y%m%d%H%M%S}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    made.set_content(body)
    return made


def _told(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is None:
        return value
    local = moment.astimezone(JST)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}時{local.minute:02}分"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES / "mail"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text
        keep_trailing_newline=True,
    )
