"""Imported code tables: other releases of ICD-10-CM, and ICD-10 as other countries publish it."""
