"""The tree: as RFC 6962 has it, and nothing that is changed below it keeps the root."""

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from domain.merkle import EMPTY, leaf_hash, path_of, root_by_path, root_of
from tests.domain.plain_merkle import audit_path, tree_hash

CONTENTS = st.lists(st.binary(max_size=8), max_size=70)
SOME = st.lists(st.binary(max_size=8), min_size=1, max_size=70)
MANY = st.lists(st.binary(max_size=8), min_size=2, max_size=70, unique=True)

# RFC 6962's test tree, as Certificate Transparency's own programs use it.
RFC_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
RFC_INPUTS += ["606162636465666768696a6b6c6d6e6f"]
RFC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def root(contents: list[bytes]) -> bytes:
    return root_of([leaf_hash(content) for content in contents])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root([bytes.fromhex(text) for text in RFC_INPUTS[:size]]).hex() == RFC_ROOTS[size - 1]


def test_no_leaves_have_a_root_too() -> None:
    assert root([]) == EMPTY == sha256(b"").digest()


@given(CONTENTS)
def test_the_root_is_the_one_the_definition_gives(contents: list[bytes]) -> None:
    assert root(contents) == tree_hash(contents)


@given(SOME, st.data())
def test_a_path_is_the_one_the_definition_gives_and_leads_to_the_root(
    contents: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(contents) - 1))
    leaves = [leaf_hash(content) for content in contents]
    path = path_of(leaves, index)
    assert path == audit_path(index, contents)
    assert root_by_path(leaves[index], index, len(leaves), path) == root_of(leaves)


@given(MANY, st.data())
def test_no_other_leaf_place_or_path_leads_to_the_root(
    contents: list[bytes], data: st.DataObject
) -> None:
    leaves = [leaf_hash(content) for content in contents]
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index))
    path = path_of(leaves, index)
    wrong = [
        root_by_path(leaves[other], index, size, path),
        root_by_path(leaves[index], other, size, path),
        root_by_path(leaves[index], index, size, path[:-1]),
        root_by_path(leaves[index], index, size, [*path, path[0]]),
        root_by_path(leaves[index], index, size, [leaves[index], *path[1:]]),
    ]
    assert root_of(leaves) not in wrong


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (5, 3)])
def test_a_place_outside_the_tree_leads_nowhere(index: int, size: int) -> None:
    assert root_by_path(leaf_hash(b"a"), index, size, []) is None


@given(MANY, st.data())
def test_any_change_of_the_leaves_changes_the_root(
    contents: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(contents) - 1))
    other = data.draw(st.integers(0, len(contents) - 1).filter(lambda place: place != index))
    swapped = list(contents)
    swapped[index], swapped[other] = swapped[other], swapped[index]
    inserted = data.draw(st.binary(max_size=8))
    changed = [
        swapped,
        contents[:index] + contents[index + 1 :],
        [*contents[:index], inserted, *contents[index:]],
        contents[:-1],
        [*contents, contents[-1]],
    ]
    assert root(contents) not in [root(others) for others in changed]


@given(SOME, st.data())
def test_a_single_bit_changes_the_root(contents: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(contents) - 1))
    content = contents[index] or b"\x00"
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    before = [*contents[:index], content, *contents[index + 1 :]]
    flipped = (int.from_bytes(content, "big") ^ 1 << bit).to_bytes(len(content), "big")
    assert root(before) != root([*contents[:index], flipped, *contents[index + 1 :]])


@pytest.mark.parametrize("size", [1, 3, 5, 6, 7, 11])
def test_doubling_the_last_leaves_changes_the_root_cve_2012_2459(size: int) -> None:
    # Bitcoin doubles the last node of an odd level, so that [1 2 3] and [1 2 3 3], or [1…6] and
    # [1…6 5 6], have one root there.
    contents = [bytes([number]) for number in range(size)]
    for doubled in range(1, size + 1):
        assert root(contents) != root(contents + contents[-doubled:])


def test_an_inner_node_is_no_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != root_of([left, right])
