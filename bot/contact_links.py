"""The link by which customers reach us: asked for once per kf account and kept."""

from collections.abc import Mapping
from typing import Protocol

import structlog

from bot.platform import DeliveryError
from domain.ids import ChannelId, TenantId
from domain.ports import Store

log = structlog.get_logger(__name__)

SCENE = "zhufen"


class Account(Protocol):
    """A customer service account that can give its link."""

    def contact_link(self, scene: str) -> str:
        """Give the link for a scene.

        Raises:
            DeliveryError: the platform did not give it.
        """
        ...


def fetch_contact_links(
    store: Store, tenant: TenantId, accounts: Mapping[ChannelId, Account]
) -> None:
    """Fetch the links that are missing; what fails is tried again at the next round."""
    for channel, account in accounts.items():
        with store.reading(tenant) as work:
            known = work.channels.get(channel).contact_url
        if known is not None:
            continue
        try:
            url = account.contact_link(SCENE)
        except DeliveryError as error:
            log.warning("contact_link_failed", code=error.code)
            continue
        with store.work(tenant) as writing:
            writing.channels.set_contact_url(channel, url)
            writing.commit()
