"""The open API: what other systems may ask and tell over HTTP, with a key.

`gate` admits requests, does what they ask once and words refusals; the other modules say what each
address takes and gives. Nothing here decides about points.
"""
