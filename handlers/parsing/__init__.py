"""From typed text to typed values: clean text, amounts, days, names, commands, sentences.

Pure functions: today is passed in, candidates are passed in, nothing is read or written. A refusal
is a value or a ParseProblem with fields; its wording lives in templates. Nothing that was not
plainly said is guessed: an open part comes back as a gap with its choices.
"""
