"""Texts to vectors: the shipped n-gram bi-encoder, or any sentence-transformers model in its place."""
