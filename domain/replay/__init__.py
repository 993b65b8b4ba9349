"""The back-test: the recorded past played again, by the rules of its time and by a draft.

recorded    what was recorded: events, undos and the ledger's own movements, as steps in order
assembling  recorded rows to steps: which entries one posting has written
ordering    lets the steps of a wallet pass in the order of its entries
drafts      what is tested, and which rules an event meets
worlds      one course of history with its full state: wallets, lots, caps, tiers, holds
comparing   where a replay differs from what was recorded
figures     what a course of history has cost, by rule, customer and month
running     both courses side by side, and what comes out
"""
