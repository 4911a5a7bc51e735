"""What a Wechaty gateway says instead of doing what it was asked."""

from bot.channel import ChannelError


class Refused(Exception):
    """The gateway answered, and the answer is no."""


class Busy(ChannelError):
    """Another client is told what happens."""
