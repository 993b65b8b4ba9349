"""Contracts over the API; events about them are told apart from them, under events."""

from fastapi import Response
from pydantic import ConfigDict, Field

from bot.api.customers import ContractShown, contracts_shown
from bot.api.declaring import changing
from bot.api.gate import Admitted, api_router
from bot.api.values import Code, Day, Given, Line, Yuan
from domain.apikeys import Scope
from domain.errors import ErrorCode
from handlers.contract import Context
from handlers.usecases.customer_files import add_contract
from handlers.usecases.directory import customer_of_code, project_of_code

router = api_router()


class ContractGiven(Given):
    """A contract that a customer has signed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "HT-2026-118",
                    "name": "Binjiang phase 1, general works",
                    "customer": "C001",
                    "project": "P101",
                    "amount": "1200000.00",
                    "signed_on": "2026-06-30",
                }
            ]
        }
    )

    number: Line = Field(examples=["HT-2026-118"])
    name: Line
    customer: Code = Field(examples=["C001"])
    project: Code | None = Field(default=None, examples=["P101"])
    amount: Yuan
    signed_on: Day


@router.post(
    "/contracts",
    **changing(
        Scope.CUSTOMERS_WRITE,
        ContractShown,
        ErrorCode.UNKNOWN_CUSTOMER,
        ErrorCode.UNKNOWN_PROJECT,
        ErrorCode.CODE_TAKEN,
        ErrorCode.CUSTOMER_MISMATCH,
        status=201,
    ),
)
def create_contract(given: ContractGiven, call: Admitted) -> Response:
    """Add a contract to a customer's file; it gives no points, its event does."""

    def act(ctx: Context) -> ContractShown:
        contract = add_contract(
            ctx,
            (given.number, given.name),
            customer_of_code(ctx, given.customer),
            amount=given.amount,
            signed_on=given.signed_on,
            project=project_of_code(ctx, given.project) if given.project else None,
        )
        return contracts_shown(ctx, [contract])[0]

    return call.do(act, status=201)
