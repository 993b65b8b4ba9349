"""Workbooks and CSV files: read with an address for every cell, written for people.

reading     any .xlsx or .csv as sheets of rows, within limits
unpacking   the container of an .xlsx, checked before anything parses it
writing     tables for reports
words       the words that rules are written in, from templates/sheets
values      one value, range or set as people write it, and back
rules       a whole rule set as a workbook: rules_saving, rules_loading
findings    the checker's findings in words
"""
