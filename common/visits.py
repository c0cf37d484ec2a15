"""How often somebody without a login comes: counted in a cache of its own, which no stranger can make sign-in limits
fall out of.
"""

from allauth.account.adapter import get_adapter
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_LASTS_SECONDS = 120
_DAY_SECONDS = 86_400


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, by the same rule as the limits on signing in."""
    return str(get_adapter().get_client_ip(request))


def too_many(*, door: str, address: str, minute: str, most: int) -> bool:
    """Count one more request of this address at this door in this minute; whether these are more than `most`."""
    cache, key = caches["public"], f"{door}:{_nobody(address)}:{minute}"
    if cache.add(key, 1, _LASTS_SECONDS):
        return False
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # it ran out between the two
        return False


def first_today(*, what: str, address: str, day: str) -> bool:
    """Whether this address says this for the first time on this day; only a hash of it is kept, for a day."""
    return bool(caches["public"].add(f"{what}:{_nobody(address + day)}", 1, _DAY_SECONDS))


def _nobody(address: str) -> str:
    return salted_hmac("common.visits", address, algorithm="sha256").hexdigest()[:32]
