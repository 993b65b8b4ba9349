"""proof."""

from handlers.actors import contact_of
from handlers.contract import Context, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.proof import link_to_proof
from handlers.views import ProofLink


@router.command("proof", needs=Permission.SEE_POINTS, is_private=True)
def proof(words: str, ctx: Context) -> Reply:
    """Give the customer's receipt code and the link to check the wallet by."""
    del words
    contact, customer = contact_of(ctx)
    link = link_to_proof(ctx, contact)
    return Reply(
        ProofLink(
            customer=customer.name,
            available=link.wallet.available,
            debt=link.wallet.debt,
            seq=link.seq,
            receipt=link.receipt,
            token=link.token,
            expires_at=link.expires_at.isoformat(timespec="seconds"),
        )
    )
