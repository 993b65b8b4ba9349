"""A local stand-in for WeCom and DingTalk that speaks their real wire protocols.

Lives here: both platforms' servers as the reference pages describe them, their limits and faults,
and the demo page that shows every person's phone. It is written from the vendors' pages, never from
our own clients, with its own crypto; production code never imports it.
"""
