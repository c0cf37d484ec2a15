"""The web application as a bench serves it: the real one, or one whose tracking endpoint only decodes."""

from typing import Any


def served(kind: str) -> Any:
    """The WSGI application; for "decode" the tracking endpoint reads and checks a body and stores nothing."""
    import django
    from django.core.wsgi import get_wsgi_application

    django.setup()
    from usage.intake import views
    from usage.intake.hints import hints

    hints.give = lambda tenant_id: None  # type: ignore[method-assign]  # a load test is no news to the workers
    if kind == "decode":
        views.__dict__["_keep"] = _only_decode
    return get_wsgi_application()


def _only_decode(request: Any, call: str) -> int:
    """What the endpoint does before it stores: the key, the packing, the JSON."""
    from usage.intake import views
    from usage.intake.body import UNPACKED_LIMIT, unpacked
    from usage.intake.decode import check_body

    door = views._door(views._basic_token(request))
    check_body(unpacked(request.body, limit=UNPACKED_LIMIT), call=call)
    return door.tenant_id
