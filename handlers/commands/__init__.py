"""Commands: words → typed arguments → one use case → one view. No query, no sentence, no `try`."""
