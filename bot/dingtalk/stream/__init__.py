"""Stream mode: DingTalk's messages over a WebSocket we open, so that no public address is needed.

`StreamRunner` keeps the socket, `frames` reads and writes what goes over it, `handling` decides
what is acknowledged when. Why this is not an SDK: docs/adr/0007-dingtalk-stream-own-client.md.
"""

from bot.dingtalk.stream.health import StreamHealth, StreamTimings
from bot.dingtalk.stream.runner import StreamRunner

__all__ = ["StreamHealth", "StreamRunner", "StreamTimings"]
