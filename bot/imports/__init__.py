"""Files of events from Excel or CSV: read with every problem named, counted, reported.

words       the words of templates/sheets/events.toml
columns     which column is which, and merged cells
cells       one cell to one value
facts       rows to facts, or to the problems that keep them from being facts
problems    what is wrong with a row, in words
report      what became of every row, as a file
running     a check, an import and its undo from one end to the other
"""
