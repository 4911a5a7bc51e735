"""A small process of its own for espeak-ng (GPL-3, not thread-safe) and pypinyin (heavy): requests in, phonemes and sound out."""
