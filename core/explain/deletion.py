"""The orders in which words are deleted to see whether they matter."""

from enum import StrEnum


class Order(StrEnum):
    """Which words are deleted first."""

    LARGEST = "largest first"
    RANDOM = "at random"
    SMALLEST = "smallest first"
