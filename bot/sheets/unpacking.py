"""The container of an .xlsx, checked and packed anew, so that what was checked is what is parsed.

The parser reserves memory for the whole rectangle a sheet spans and shows a broken formula as an
empty cell. So before it sees a file: nothing unpacks beyond the limit, no cell lies far out, and
errors are turned into their texts.
"""

import io
import re
import zipfile
import zlib
from typing import Final

from bot.sheets.limits import Fault, Limits, Unreadable

_CELL: Final = re.compile(
    rb"<(?:\w+:)?(?:c|row)\s[^<>]*?\br\s*=\s*[\"']\s*([A-Za-z]*)([0-9]*)", re.ASCII
)
_ERROR: Final = re.compile(rb"(<(?:\w+:)?c\s(?:[^<>]*?\s)?t\s*=\s*)([\"'])e\2")
_PARTS_MAX: Final = 1000
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
    ValueError,
    IndexError,
)
"""What zipfile raises on files that are none, damaged or locked with a password."""


def repacked(data: bytes, limits: Limits) -> bytes:
    """Give the same workbook, checked, with errors as texts.

    Raises:
        Unreadable: it isn't an .xlsx, or beyond the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            parts = _unpack(container, limits)
    except _BROKEN:
        raise Unreadable(Fault.NOT_A_WORKBOOK) from None
    if "xl/workbook.xml" not in parts:
        raise Unreadable(Fault.NOT_A_WORKBOOK)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as container:
        for name, part in parts.items():
            _refuse_far_cells(part, limits)
            container.writestr(name, _ERROR.sub(rb"\1\2str\2", part))
    return packed.getvalue()


def _unpack(container: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    """Read every part; zipfile never gives more than the size that the directory names."""
    entries = container.infolist()
    if len(entries) > _PARTS_MAX or sum(one.file_size for one in entries) > limits.unpacked_bytes:
        raise Unreadable(Fault.UNPACKS_TOO_LARGE, {"limit": limits.unpacked_bytes})
    if any(one.compress_type not in _METHODS for one in entries):
        raise Unreadable(Fault.NOT_A_WORKBOOK)
    return {one.filename: container.read(one) for one in entries if not one.is_dir()}


def _refuse_far_cells(part: bytes, limits: Limits) -> None:
    for found in _CELL.finditer(part):
        column, row = found.groups()
        if len(row) > len("1048576") or int(row or 0) > limits.rows:
            raise Unreadable(Fault.TOO_MANY_ROWS, {"limit": limits.rows})
        if len(column) > len("XFD") or column_number(column.decode().upper()) > limits.columns:
            raise Unreadable(Fault.TOO_MANY_COLUMNS, {"limit": limits.columns})


def column_number(letters: str) -> int:
    """Give the number of a column: 1 for A, 28 for AB, 0 for none."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
