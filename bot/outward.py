"""What all HTTP connections to the platforms have in common: whom they trust, and their silence."""

import logging
import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """Load the trusted authorities, once for all connections of the process."""
    return httpx2.create_ssl_context(trust_env=False)


def quiet_http() -> None:
    """Keep the HTTP library from logging addresses: they hold tokens and session keys."""
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
