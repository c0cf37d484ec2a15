"""Which rejected items name a person."""

import json

from tenants.personal.identity import Person
from usage.intake.body import UNPACKED_LIMIT, BodyTooLargeError, MalformedBodyError, unpacked
from usage.models import Rejected


def rejected_of(person: Person) -> list[int]:
    """The numbers of the items in which an id or an address of the person stands as a whole value.

    Whole bodies may be packed, so that they are read here and not by the database.
    """
    texts = {*person.mails, *person.user_ids, *person.visitor_ids}
    needles = {json.dumps(text, ensure_ascii=plain)[0:].encode().lower() for text in texts for plain in (True, False)}
    if not needles:
        return []
    found = []
    for pk, item in Rejected.objects.values_list("pk", "item").iterator(chunk_size=500):
        try:
            body = unpacked(bytes(item), limit=UNPACKED_LIMIT).lower()
        except (MalformedBodyError, BodyTooLargeError):
            body = bytes(item).lower()
        if any(needle in body for needle in needles):
            found.append(pk)
    return found
