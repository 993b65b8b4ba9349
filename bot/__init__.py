"""Everything that touches the outside: web, platforms, processes, settings, rendering.

Only `wiring`, `cli` and `demo` build things; the rest gets what it needs through ports.
"""
