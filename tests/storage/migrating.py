"""A process that upgrades a database when it is told to; run by test_migrations.py."""

import sys

from storage.migrate import upgrade

if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    print(upgrade(sys.argv[1]))  # noqa: T201
