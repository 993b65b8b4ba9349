"""Keys of the open API: making, revoking, and who acts when one is used."""

from collections.abc import Iterable

from domain.apikeys import SHOWN_LENGTH, ApiKey, Scope, hash_key, key_text
from domain.errors import KeyRefused
from domain.ids import ApiKeyId
from domain.members import Member
from domain.ports import Work
from domain.repositories import AuditNote
from handlers.contract import Actor, ApiClient, Context, MemberActor


def create_key(
    ctx: Context, name: str, scopes: Iterable[Scope], member: Member | None
) -> tuple[ApiKey, str]:
    """Make a key and give it with its text, which can't be had again."""
    id_ = ApiKeyId(ctx.ids.new())
    text = key_text(id_, ctx.ids.secret())
    key = ApiKey(
        id=id_,
        name=name,
        hash=hash_key(text),
        last=text[-SHOWN_LENGTH:],
        scopes=frozenset(scopes),
        member=member.id if member else None,
        created_at=ctx.now,
    )
    ctx.work.api_keys.add(key)
    after: dict[str, object] = {"name": name, "scopes": sorted(key.scopes), "member": key.member}
    _note(ctx, "api_key_created", key.id, after)
    return key, text


def revoke_key(ctx: Context, key: ApiKeyId) -> bool:
    """Take a key out of use for good; False when there is none or it was revoked before."""
    if not ctx.work.api_keys.revoke(key, ctx.now):
        return False
    _note(ctx, "api_key_revoked", key, {})
    return True


def actor_of(work: Work, key: ApiKey) -> Actor:
    """Give who acts when a key is used: its member, or the key itself.

    Raises:
        KeyRefused: the member has left.
    """
    if key.member is None:
        return ApiClient(key.id)
    member = work.members.get(key.member)
    if not member.is_active:
        raise KeyRefused
    return MemberActor(member)


def _note(ctx: Context, action: str, key: ApiKeyId, after: dict[str, object]) -> None:
    note = AuditNote(ctx.now, ctx.actor_name, None, action, f"apikey:{key}", after=after)
    ctx.work.audit.write(note)
