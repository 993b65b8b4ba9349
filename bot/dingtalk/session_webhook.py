"""Which addresses of a message's `sessionWebhook` may be called: DingTalk's, by exact prefix.

The address comes with the message, whose signature does not cover it, so it is an order to our
server to call somebody (experience T71).
"""

import re

# No blanks, controls, backslashes or non-ASCII: nothing two URL parsers could read differently.
_SAFE = re.compile(r"[!#-\[\]-~]{1,2048}")


def is_trusted_webhook(url: str, origins: frozenset[str]) -> bool:
    """Tell whether an address lies on one of these servers.

    The prefix ends with the slash after the host, so neither user info nor a port, a trailing dot
    or a longer name can hide in it.
    """
    return bool(_SAFE.fullmatch(url)) and any(url.startswith(f"{origin}/") for origin in origins)
