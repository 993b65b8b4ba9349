"""The web process: callbacks, health; later the API and pages."""
