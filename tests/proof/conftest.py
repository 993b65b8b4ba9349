"""A firm whose customers have proofs; where there is no node, the page's script is not run in it.

CI runs it in Chromium in any case (tests/flows/browser/test_check_page.py).
"""

import shutil

from tests.handlers.conftest import chat, clock, fake_store, ids

__all__ = ["chat", "clock", "fake_store", "ids"]

collect_ignore = [] if shutil.which("node") else ["test_check_script.py"]
