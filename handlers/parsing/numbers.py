"""The numbers people call alerts and approvals by: 12, #12."""


def parse_number(typed: str) -> int | None:
    """Read a number as people type it; None when it is none."""
    digits = typed.strip().lstrip("#")
    # int() reads other scripts' digits and isdigit() superscripts, so both must agree on ASCII.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):  # noqa: PLR2004  fits any counter
        return None
    return int(digits)
