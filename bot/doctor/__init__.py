"""`zhufen doctor`: looks at everything an installation needs and names what to mend.

Lives here: the checks and the one HTTP question about the platforms' clocks. Findings are codes;
what to do about each stands in templates/doctor.toml.
"""

from bot.doctor.checks import Finding, Patient, Status, examine

__all__ = ["Finding", "Patient", "Status", "examine"]
