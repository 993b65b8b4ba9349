"""A Merkle tree as in RFC 6962: one root for many leaves, a short path for each.

Leaves and inner nodes are hashed with different first bytes, so that neither can stand for the
other. Where a level has an odd number of nodes the last one moves up as it is; it is never doubled
(Bitcoin doubles it, so two lists have one root: CVE-2012-2459).
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""The root over no leaves."""
_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(content: bytes) -> bytes:
    """Hash what a leaf stands for."""
    return sha256(_LEAF + content).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root over leaf hashes; their order and number matter."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Give the hashes that lead from a leaf hash to the root, from the bottom up."""
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        index //= 2
        level = _above(level)
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root that a path from the leaf hash leads to in a tree of so many leaves.

    None when no such tree has such a path.
    """
    if not 0 <= index < size:
        return None
    steps = iter(path)
    found, last = leaf, size - 1
    while last:
        if index % 2 or index < last:
            step = next(steps, None)
            if step is None:
                return None
            found = _node(step, found) if index % 2 else _node(found, step)
        index, last = index // 2, last // 2
    return found if next(steps, None) is None else None


def _above(level: Sequence[bytes]) -> list[bytes]:
    above = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
