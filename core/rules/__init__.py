"""Coding rules: what the tabular list says of codes that stand together, of one code, and of a code beside its text."""

from core.rules.check import check
from core.rules.finding import Finding, Patient, Remedy, Severity

__all__ = ["Finding", "Patient", "Remedy", "Severity", "check"]
