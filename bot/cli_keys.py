"""What the commands `zhufen apikey` do, through the usual use cases."""

from collections.abc import Iterable
from typing import Any

from bot.cli_setup import change, opened_parts
from bot.settings import Settings
from domain.apikeys import Scope
from domain.ids import ApiKeyId, TenantId
from handlers.contract import Context
from handlers.usecases import api_keys, setup


def create_api_key(
    settings: Settings, tenant: str, name: str, scopes: Iterable[Scope], *, member: str
) -> dict[str, object]:
    """Make a key of the open API; what is given here can't be had again.

    Raises:
        UnknownMember: no member of that name.
    """

    def act(ctx: Context) -> dict[str, object]:
        owner = setup.member_named(ctx, member) if member else None
        key, text = api_keys.create_key(ctx, name, scopes, owner)
        return {"id": key.id, "key": text}

    return change(settings, tenant, act)


def list_api_keys(settings: Settings, tenant: str) -> list[dict[str, Any]]:
    """List the keys of the open API, oldest first, by their last characters."""
    with (
        opened_parts(settings, TenantId(tenant)) as parts,
        parts.store.reading(TenantId(tenant)) as work,
    ):
        names = {member.id: member.name for member in work.members.all()}
        return [
            {
                "id": key.id,
                "name": key.name,
                "key": f"…{key.last}",
                "scopes": sorted(key.scopes),
                "member": names[key.member] if key.member else "",
                "created": key.created_at.isoformat(timespec="seconds"),
                "revoked": key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else "",
            }
            for key in work.api_keys.all()
        ]


def revoke_api_key(settings: Settings, tenant: str, key: str) -> dict[str, object]:
    """Take a key of the open API out of use.

    Raises:
        LookupError: there is none of this id that is in use.
    """

    def act(ctx: Context) -> dict[str, object]:
        if not api_keys.revoke_key(ctx, ApiKeyId(key)):
            raise LookupError(f"no key in use: {key}")
        return {"revoked": key}

    return change(settings, tenant, act)
