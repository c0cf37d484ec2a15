"""The tracking API: read, store one durable row, answer 200. What SDKs do with each answer is why it is so strict.

Never a redirect (SDKs follow it with an empty GET and count it as delivered), exactly 200 also when single items are
bad, 400 and 413 only for what no retry can mend, 503 whenever a retry would help.
"""

import logging
from base64 import b64decode
from binascii import Error as BinasciiError
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt

from tenants.scope import request_scope
from usage.intake.body import UNPACKED_LIMIT, BodyTooLargeError, MalformedBodyError, unpacked
from usage.intake.decode import check_body
from usage.intake.hints import hints
from usage.selectors import WriteDoor, write_door
from usage.services.intake import backlog_size, body_keep

logger = logging.getLogger(__name__)
BACKLOG_LIMIT = 20 * 1024**3
BACKLOG_LOOK_SECONDS = 10.0
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding",
    "Access-Control-Max-Age": "86400",
}
_backlog: dict[str, float] = {"looked": float("-inf"), "size": 0.0}


class _RefusedError(Exception):
    """An answer other than 200: (status, message, more fields)."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.more = status, message, more


@csrf_exempt
@transaction.non_atomic_requests
def intake(request: HttpRequest, call: str) -> HttpResponse:
    """`POST /v1/<call>`, with or without a slash at its end."""
    if request.method == "OPTIONS":
        return _with_headers(HttpResponse(status=204))
    try:
        if request.method != "POST":
            raise _RefusedError(405, "Send a POST.")
        hints.give(_keep(request, call))
    except _RefusedError as refused:
        return _refusal(refused)
    except (OperationalError, InterfaceError) as error:
        logger.warning("intake without database: %s", error)
        connection.close()
        return _refusal(_RefusedError(503, "The store is away. Send this again; it will count once."))
    return _with_headers(JsonResponse({"success": True}))


def _keep(request: HttpRequest, call: str) -> int:
    """Check and store the request's body; returns the tenant's id."""
    body = _body(request)
    token = _basic_token(request)
    door = _door(token) if token else None
    try:
        key_in_body = check_body(unpacked(body, limit=UNPACKED_LIMIT), call=call)
    except MalformedBodyError as fault:
        where = {"line": fault.line, "column": fault.column, "offset": fault.offset}
        raise _RefusedError(400, f"The body is malformed: {fault.reason}.", **where) from fault
    except BodyTooLargeError as fault:
        raise _too_large() from fault
    door = door or _door(key_in_body or "")
    if _is_full():
        raise _RefusedError(429, "Too much waits to be stored. Send this again later.")
    with request_scope(tenant_id=door.tenant_id, user_id=None), transaction.atomic():
        body_keep(tenant_id=door.tenant_id, key_id=door.key_id, call=call, body=body, at=now())
    return door.tenant_id


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as fault:
        raise _too_large() from fault
    except UnreadablePostError as fault:
        raise _RefusedError(400, "The body broke off.") from fault


def _too_large() -> _RefusedError:
    return _RefusedError(413, f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")


def _wrong_key() -> _RefusedError:
    return _RefusedError(401, "The write key (wk_…) is missing, wrong or revoked.")


def _basic_token(request: HttpRequest) -> str:
    """The user name of Basic authentication, which SDKs set to the write key; empty without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode().partition(":")[0]
    except (BinasciiError, ValueError) as fault:
        raise _wrong_key() from fault


def _door(token: str) -> WriteDoor:
    door = write_door(token=token)
    if door is None:
        raise _wrong_key()
    return door


def _is_full() -> bool:
    """Whether more waits than the installation may hold; looked up every few seconds at most."""
    if monotonic() - _backlog["looked"] > BACKLOG_LOOK_SECONDS:
        _backlog.update(looked=monotonic(), size=backlog_size())
    return _backlog["size"] > getattr(settings, "INTAKE_BACKLOG_LIMIT", BACKLOG_LIMIT)


def _refusal(refused: _RefusedError) -> HttpResponse:
    body = {"success": False, "message": refused.message, **refused.more}
    response = _with_headers(JsonResponse(body, status=refused.status))
    if refused.status == 405:
        response["Allow"] = "POST, OPTIONS"
    if refused.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="write key"'
    if refused.status in (429, 503):
        response["Retry-After"] = "10"
    return response


def _with_headers(response: HttpResponse) -> HttpResponse:
    for name, value in CORS.items():
        response[name] = value
    return response
