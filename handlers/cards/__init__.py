"""Card actions: a press whose ticket belongs to the actor → one use case → one view."""
