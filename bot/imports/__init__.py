"""Files from Excel or CSV: read with every problem named, brought in once, reported.

words           the words of templates/sheets/events.toml and customers.toml
columns         which column is which, and merged cells
cells           one cell to one value
facts           rows to facts, or to the problems that keep them from being facts
problems        what is wrong with a row, in words
report          what became of every row, as a file
running         a check, an import of events and its undo from one end to the other
customer_cells  lists, payment days and people in one cell
customers       rows to customers with their contacts
contracts       rows to contracts
filing          a check and an import of customers or contracts
"""
