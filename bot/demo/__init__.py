"""The demo: a made-up construction firm on the emulated platforms, with everything embedded."""
