"""RFC 6962's tree as its section 2.1 defines it, word for word: recursive, slow, nobody's code."""

from hashlib import sha256


def split(size: int) -> int:
    """Give the largest power of two smaller than the size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def tree_hash(contents: list[bytes]) -> bytes:
    if not contents:
        return sha256(b"").digest()
    if len(contents) == 1:
        return sha256(b"\x00" + contents[0]).digest()
    k = split(len(contents))
    return sha256(b"\x01" + tree_hash(contents[:k]) + tree_hash(contents[k:])).digest()


def audit_path(index: int, contents: list[bytes]) -> list[bytes]:
    if len(contents) == 1:
        return []
    k = split(len(contents))
    if index < k:
        return [*audit_path(index, contents[:k]), tree_hash(contents[k:])]
    return [*audit_path(index - k, contents[k:]), tree_hash(contents[:k])]
