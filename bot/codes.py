"""Codes and tokens that open something: only their hash is ever kept."""

from hashlib import sha256


def hashed(code: str) -> str:
    """What is kept of a code, in hex digits."""
    return sha256(code.encode()).hexdigest()
