"""Use cases: one business action each, inside an open unit of work.

Load, decide (pure), write, emit.
"""
