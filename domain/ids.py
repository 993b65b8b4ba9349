"""The kinds of identifiers, so that one cannot be passed where another is meant.

Ids are time-ordered texts of 26 characters made by the injected `Ids`; codes are what people
read and type.
"""

from typing import NewType

TenantId = NewType("TenantId", str)
ChannelId = NewType("ChannelId", str)
MemberId = NewType("MemberId", str)
CustomerId = NewType("CustomerId", str)
ContactId = NewType("ContactId", str)
ProjectId = NewType("ProjectId", str)
ContractId = NewType("ContractId", str)
MilestoneId = NewType("MilestoneId", str)
EventId = NewType("EventId", str)
BatchId = NewType("BatchId", str)
BacktestId = NewType("BacktestId", str)
EntryId = NewType("EntryId", str)
LotId = NewType("LotId", str)
HoldId = NewType("HoldId", str)
RewardId = NewType("RewardId", str)
RedemptionId = NewType("RedemptionId", str)
GiftId = NewType("GiftId", str)
VoucherId = NewType("VoucherId", str)
VoucherUseId = NewType("VoucherUseId", str)
LotteryId = NewType("LotteryId", str)
DrawId = NewType("DrawId", str)
ReviewId = NewType("ReviewId", str)
AlertId = NewType("AlertId", str)
ApprovalId = NewType("ApprovalId", str)
DraftId = NewType("DraftId", str)
InvitationId = NewType("InvitationId", str)
TicketId = NewType("TicketId", str)
InboxId = NewType("InboxId", str)
DeliveryId = NewType("DeliveryId", str)
ApiKeyId = NewType("ApiKeyId", str)
CardKey = NewType("CardKey", str)
"""What a platform updates a card by: WeCom's task_id, DingTalk's outTrackId."""
