"""Points rules as typed, versioned data: what they say, what they make of an event, how they check.

model       what a rule, a cap and a decision table are
fields      what rules can ask about an event, its project and its customer
evaluation  the one function that says what the rules in force make of an event
formulas    conditions and formulas made ready to be asked; tables: decision tables by bits
checks      what is wrong or surprising in a draft, as findings; by subject in checks_*
coverage    what the rows of a table cover together
codec       rules as JSON and back
"""
