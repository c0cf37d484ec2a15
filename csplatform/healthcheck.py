"""`python -m csplatform.healthcheck`: whether web answers on this machine; light, for it runs every few seconds."""

import os
import sys
from http.client import HTTPConnection, HTTPException


def answers(port: int, host: str = "localhost") -> bool:
    """Whether `/healthz` on this machine's `port` says 200 to a request for `host`."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    named = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    sys.exit(0 if answers(int(os.environ.get("PORT") or "8000"), named) else 1)
