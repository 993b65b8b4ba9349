"""`python -m bot.emulator --config FILE` serves the emulator that a JSON file describes."""

import argparse
from pathlib import Path

from bot.emulator.app import run
from bot.emulator.config import EmulatorConfig


def main() -> None:
    """Read the configuration file and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.emulator", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON of EmulatorConfig")
    run(EmulatorConfig.from_json(parser.parse_args().config.read_bytes()))


if __name__ == "__main__":
    main()
