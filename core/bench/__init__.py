"""How quick and how large the product is on this machine, beside named baselines and as the code book grows."""
