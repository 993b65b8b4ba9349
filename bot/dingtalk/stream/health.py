"""How a Stream connection is doing, for the health page, and the times it is held to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StreamTimings:
    """Times in seconds; tests shorten them."""

    open_timeout: float = 10.0
    """For asking the gateway, and again for the WebSocket's handshake."""
    silent_after: float = 60.0
    """Without any frame for so long a socket counts as dead. DingTalk sends one every 20-30 s."""
    renew_after: float = 3600.0
    """Without a message for so long a socket is replaced, in case only the pings still work."""
    healthy_after: float = 60.0
    """A socket that lived so long ends the back-off."""
    backoff_first: float = 1.0
    backoff_max: float = 60.0
    overlap: float = 10.0
    """How long a replaced socket is still read. DingTalk closes it after 10 s."""
    tick: float = 5.0
    """How often the health is reported and the clocks are compared."""
    jump: float = 30.0
    """The wall clock running ahead by so much means that the machine slept."""
    card_wait: float = 1.5
    """The platform waits 2 s for the answer to a press. Source: DingTalk doc C/0007."""
    drain: float = 2.0
    """How long a stop waits for messages that are being stored."""


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """What the health page shows."""

    is_connected: bool
    connected_since: datetime | None
    last_frame_at: datetime | None
    connections: int
    """Sockets opened since the start."""
    last_problem: str = ""
    """A constant: why the last socket was given up or could not be opened."""
    last_gap_seconds: float = 0.0
    """How long there was no socket before the present one."""
