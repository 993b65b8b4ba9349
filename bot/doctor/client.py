"""Asking a platform what time it is: the Date header of any answer."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

TIMEOUT = httpx2.Timeout(5.0, connect=3.0)


def platform_time(address: str) -> datetime | None:
    """Give a platform's clock, to the second; None when it can't be reached or doesn't say."""
    try:
        with httpx2.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            header = client.get(address).headers.get("date", "")
        theirs = parsedate_to_datetime(header)
    except (httpx2.HTTPError, TypeError, ValueError):
        return None
    # "-0000" says UTC without saying where the server stands.
    return theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
