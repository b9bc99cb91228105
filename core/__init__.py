"""Clinicode's retrieval package: from a clinical note to ranked ICD-10-CM codes, without any user interface in it."""

import os

# torch, FAISS and LightGBM each have threads of their own; threads that spin while they wait hold up the others'
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["OMP_NUM_THREADS"] = "1"  # see core.threads
