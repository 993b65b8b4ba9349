"""Customers and their contacts over the API."""

from typing import Self

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, model_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, Gate
from bot.api.values import Code, Given, Line, Phone, Shown, Unreadable, Word
from domain.apikeys import Scope
from domain.errors import ErrorCode
from handlers.contract import Context
from handlers.usecases import directory
from handlers.usecases.directory import CustomerFile, NewContact

CONTACTS_MAX = 50
SEGMENTS_MAX = 20


class ContactGiven(Given):
    """A person of a customer."""

    name: Line = Field(examples=["Wang Jianguo"])
    phone: Phone | None = Field(default=None, examples=["13800138000"])
    may_see: bool | None = Field(
        default=None,
        description="Sees the customer's points and is told of them; usually yes.",
        examples=[True],
    )
    may_redeem: bool | None = Field(
        default=None,
        description="Spends the customer's points, which needs may_see; usually only the first.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _redeems_what_is_seen(self) -> Self:
        if self.may_redeem and self.may_see is False:
            raise Unreadable("redeems_unseen")
        return self


class CustomerGiven(Given):
    """A new customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "C101",
                    "name": "Binjiang Real Estate",
                    "type": "Real estate",
                    "segments": ["Key account"],
                    "contacts": [{"name": "Wang Jianguo", "phone": "13800138000"}],
                }
            ]
        }
    )

    code: Code = Field(examples=["C001"])
    name: Line = Field(examples=["Binjiang Real Estate"])
    type: Word | None = Field(
        default=None, description="What rules ask as customer.type.", examples=["Real estate"]
    )
    segments: list[Word] = Field(
        default=[],
        max_length=SEGMENTS_MAX,
        description="What rules ask as customer.segments.",
        examples=[["Key account"]],
    )
    contacts: list[ContactGiven] = Field(default=[], max_length=CONTACTS_MAX)


class ContactShown(Shown):
    """A person of a customer."""

    name: str
    phone: str | None
    may_see: bool
    may_redeem: bool


class CustomerShown(Shown):
    """A customer with its contacts, by name."""

    code: str
    name: str
    type: str | None
    segments: list[str]
    contacts: list[ContactShown]


def add_customer_routes(router: APIRouter, gate: Gate) -> None:
    """Add what can be done with customers."""

    @router.post(
        "/customers",
        **changing(Scope.CUSTOMERS_WRITE, CustomerShown, ErrorCode.CODE_TAKEN, status=201),
    )
    def create_customer(given: CustomerGiven, call: Admitted) -> Response:
        """Add a customer with its contacts."""

        def act(ctx: Context) -> CustomerShown:
            file = directory.open_customer(
                ctx,
                (given.code, given.name),
                customer_type=given.type or "",
                segments=given.segments,
                contacts=[
                    NewContact(c.name, c.phone, c.may_see, c.may_redeem) for c in given.contacts
                ],
            )
            return _shown(file)

        return gate.do(call, act, status=201)

    @router.get("/customers/{code}", **reading(CustomerShown, ErrorCode.UNKNOWN_CUSTOMER))
    def read_customer(code: str, call: Admitted) -> Response:
        """Give a customer with its contacts."""
        return gate.read(call, lambda ctx: _shown(directory.read_customer(ctx, code)))


def _shown(file: CustomerFile) -> CustomerShown:
    return CustomerShown(
        code=file.customer.code,
        name=file.customer.name,
        type=file.customer.type or None,
        segments=list(file.segments),
        contacts=[
            ContactShown(name=c.name, phone=c.phone, may_see=c.may_see, may_redeem=c.may_redeem)
            for c in file.contacts
        ],
    )
