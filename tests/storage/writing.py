"""A process that writes to a store as fast as it is let, for a while; run by test_writer.py.

Arguments: URL, seconds to write, an account of its own. It says "ready", waits for a line, and
gives the number of its transactions and its longest wait for the writer's place as JSON.
"""

import json
import sys
import time
from datetime import timedelta

from storage.cipher import AesGcmCipher
from storage.work import open_store
from tests.support.fakes import START, FakeClock, SequenceIds


def write(url: str, seconds: float, account: str) -> None:
    """Count up the messages of an account, one transaction each."""
    store = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=AesGcmCipher(bytes(32)))
    main, app = store.tenants()[0], store.channel_configs(store.tenants()[0])[0].channel.id
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    end = time.monotonic() + seconds
    done, longest = 0, 0.0
    while time.monotonic() < end:
        asked = time.monotonic()
        with store.work(main) as work:
            work.identities.heard_from(app, account, START + timedelta(seconds=done))
            longest = max(longest, time.monotonic() - asked)
            work.commit()
        done += 1
    print(json.dumps({"done": done, "longest_wait": longest}))  # noqa: T201


if __name__ == "__main__":
    write(sys.argv[1], float(sys.argv[2]), sys.argv[3])
