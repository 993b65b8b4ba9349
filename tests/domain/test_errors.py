"""Refusals carry fields for templates, and never show values where a log would see them."""

import pytest

from domain.errors import DomainError, InvalidPhone, UnknownCustomer


def test_a_refusal_gives_its_fields() -> None:
    refused = UnknownCustomer("张总", ("张江集团",))
    assert refused.details() == {"asked": "张总", "guesses": ("张江集团",)}


def test_the_text_of_a_refusal_names_its_fields_and_none_of_their_values() -> None:
    assert str(UnknownCustomer("张总 13800138000")) == "unknown_customer(asked, guesses)"
    assert str(InvalidPhone()) == "invalid_phone()"


def test_a_refusal_can_be_raised_and_is_its_own() -> None:
    with pytest.raises(DomainError) as caught:
        raise UnknownCustomer("张总")
    assert {caught.value: "hashable"}[caught.value] == "hashable"
    assert caught.value != UnknownCustomer("张总")
