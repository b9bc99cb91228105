"""Clinicode's retrieval package: from a clinical note to ranked ICD-10-CM codes, without any user interface in it."""
