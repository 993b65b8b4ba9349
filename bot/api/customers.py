"""Customers and their contacts over the API."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Code, Given, Line, Phone, Shown, Unreadable, Word
from domain.apikeys import Scope
from domain.customer_files import ALIASES_MAX, PAYMENT_DAYS_MAX, TEXT_MAX, Contract, Details
from domain.errors import ErrorCode
from handlers.contract import Context
from handlers.usecases import customer_files, directory
from handlers.usecases.contacts import NewContact
from handlers.usecases.customer_files import Change
from handlers.usecases.directory import CustomerFile
from handlers.usecases.setup import member_named

router = api_router()

CONTACTS_MAX = 50
SEGMENTS_MAX = 20
FIELDS_MAX = 50
FEN = 100
Value = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
_REFUSALS = (
    ErrorCode.CUSTOMER_EXISTS,
    ErrorCode.CUSTOMER_ALIKE,
    ErrorCode.INVALID_CREDIT_CODE,
    ErrorCode.INVALID_FIELD,
    ErrorCode.UNKNOWN_FIELD,
    ErrorCode.UNKNOWN_MEMBER,
)


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


class FileGiven(Given):
    """What a customer's file says, as far as it is given."""

    full_name: Line | None = Field(
        default=None, description="The name as it is registered.", examples=["Binjiang Co., Ltd."]
    )
    credit_code: Value | None = Field(
        default=None,
        description="Unified social credit code, its check letter included (GB 32100-2015).",
        examples=["91350100M000100Y43"],
    )
    address: Value | None = Field(default=None, examples=["1 Jiangnan Avenue, Hangzhou"])
    payment_days: int | None = Field(
        default=None,
        ge=0,
        le=PAYMENT_DAYS_MAX,
        description="Days the unit has for paying.",
        examples=[45],
    )
    aliases: list[Line] | None = Field(
        default=None,
        max_length=ALIASES_MAX,
        description="What people call it besides.",
        examples=[["Binjiang"]],
    )
    fields: dict[Line, Value] = Field(
        default={},
        max_length=FIELDS_MAX,
        description="Values of the fields its type has, by their names; an empty one clears it.",
        examples=[{"Budget year": "2026"}],
    )
    manager: Line | None = Field(
        default=None,
        description="The account manager's name, as a member has it.",
        examples=["Li Qiang"],
    )
    allow_duplicate: bool = Field(
        default=False,
        description="Take it although it is likely there already; never when it surely is.",
        examples=[False],
    )


class CustomerGiven(FileGiven):
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
                    "credit_code": "91350100M000100Y43",
                    "payment_days": 45,
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


class CustomerChanged(FileGiven):
    """What is to be otherwise with a customer; what is not given stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "1 Jiangnan Avenue", "payment_days": 60}]}
    )

    name: Line | None = Field(default=None, examples=["Binjiang Real Estate"])
    type: Word | None = Field(
        default=None, description="With another type the values of the old one's fields go."
    )
    segments: list[Word] | None = Field(default=None, max_length=SEGMENTS_MAX)


class ContactShown(Shown):
    """A person of a customer."""

    name: str
    phone: str | None
    may_see: bool
    may_redeem: bool


class ContractShown(Shown):
    """A contract of a customer."""

    number: str
    name: str
    amount: str
    signed_on: date
    project: str | None


class AlikeShown(Shown):
    """A customer that may be the same unit."""

    code: str
    name: str
    level: str
    hints: list[str]


class CustomerShown(Shown):
    """A customer with its contacts, by name, and its contracts, the newest first."""

    code: str
    name: str
    type: str | None
    segments: list[str]
    contacts: list[ContactShown]
    full_name: str
    credit_code: str
    address: str
    payment_days: int | None
    aliases: list[str]
    fields: dict[str, str]
    manager: str | None
    contracts: list[ContractShown]
    alike: list[AlikeShown]
    """Who may be the same unit; given when a customer is added."""


@router.post(
    "/customers",
    **changing(Scope.CUSTOMERS_WRITE, CustomerShown, ErrorCode.CODE_TAKEN, *_REFUSALS, status=201),
)
def create_customer(given: CustomerGiven, call: Admitted) -> Response:
    """Add a customer with its contacts, unless the unit is there already."""

    def act(ctx: Context) -> CustomerShown:
        file = directory.open_customer(ctx, _given(ctx, given), is_anyway=given.allow_duplicate)
        return customer_shown(ctx, file)

    return call.do(act, status=201)


@router.put(
    "/customers/{code}",
    **changing(Scope.CUSTOMERS_WRITE, CustomerShown, ErrorCode.UNKNOWN_CUSTOMER, *_REFUSALS),
)
def change_customer(code: str, given: CustomerChanged, call: Admitted) -> Response:
    """Change what is given of a customer."""

    def act(ctx: Context) -> CustomerShown:
        customer = customer_files.change_file(
            ctx,
            directory.customer_of_code(ctx, code),
            _change(ctx, given),
            is_anyway=given.allow_duplicate,
        )
        return customer_shown(ctx, directory.customer_file(ctx, customer))

    return call.do(act)


@router.get("/customers/{code}", **reading(CustomerShown, ErrorCode.UNKNOWN_CUSTOMER))
def read_customer(code: str, call: Admitted) -> Response:
    """Give a customer with its contacts."""

    def look(ctx: Context) -> CustomerShown:
        return customer_shown(ctx, directory.read_customer(ctx, code))

    return call.read(look)


def customer_shown(ctx: Context, file: CustomerFile) -> CustomerShown:
    """Show everything a customer's file says."""
    details = file.details
    return CustomerShown(
        code=file.customer.code,
        name=file.customer.name,
        type=file.customer.type or None,
        segments=list(file.segments),
        contacts=[
            ContactShown(name=c.name, phone=c.phone, may_see=c.may_see, may_redeem=c.may_redeem)
            for c in file.contacts
        ],
        full_name=details.full_name,
        credit_code=details.credit_code,
        address=details.address,
        payment_days=details.payment_days,
        aliases=list(details.aliases),
        fields=dict(details.fields),
        manager=file.manager.name if file.manager else None,
        contracts=contracts_shown(ctx, file.contracts),
        alike=[
            AlikeShown(
                code=one.customer.code,
                name=one.customer.name,
                level=one.likeness.level,
                hints=list(one.likeness.hints),
            )
            for one in file.alike
        ],
    )


def contracts_shown(ctx: Context, contracts: Sequence[Contract]) -> list[ContractShown]:
    """Show contracts with their projects' codes and amounts in yuan."""
    return [
        ContractShown(
            number=one.number,
            name=one.name,
            amount=f"{one.amount // FEN}.{one.amount % FEN:02d}",
            signed_on=one.signed_on,
            project=ctx.work.projects.get(one.project).code if one.project else None,
        )
        for one in contracts
    ]


def _given(ctx: Context, given: CustomerGiven) -> customer_files.Given:
    return customer_files.Given(
        code=given.code,
        name=given.name,
        manager=member_named(ctx, given.manager).id if given.manager else None,
        type=given.type or "",
        segments=tuple(given.segments),
        details=Details(
            full_name=given.full_name or "",
            credit_code=given.credit_code or "",
            address=given.address or "",
            payment_days=given.payment_days,
            aliases=tuple(given.aliases or ()),
            fields={name: value for name, value in given.fields.items() if value},
        ),
        contacts=tuple(
            NewContact(c.name, c.phone, c.may_see, c.may_redeem) for c in given.contacts
        ),
    )


def _change(ctx: Context, given: CustomerChanged) -> Change:
    return Change(
        name=given.name,
        type=given.type,
        manager=member_named(ctx, given.manager).id if given.manager else None,
        segments=None if given.segments is None else tuple(given.segments),
        full_name=given.full_name,
        credit_code=given.credit_code,
        address=given.address,
        payment_days=given.payment_days,
        aliases=None if given.aliases is None else tuple(given.aliases),
        fields=given.fields,
    )
