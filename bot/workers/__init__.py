"""Background roles: the RQ worker that sends and retries, the scheduler that sweeps."""
