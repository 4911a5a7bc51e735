"""The fringe: strands over the forehead, of different widths, lengths and turns."""

from dataclasses import dataclass, replace

import numpy as np

from .mesh import Part
from .strand import shell, steps, strand, taper


@dataclass(frozen=True)
class Bang:
    """A strand over the forehead; angles in degrees, lengths in head units."""

    root: float
    """Azimuth where it leaves the parting."""
    tip: float
    """Azimuth of its tip."""
    end: float
    """Elevation of its tip, seen from the middle of the head."""
    width: float
    """Half its width."""
    hook: float = 0.0
    """How far the tip curls aside."""
    lift: float = 1.115
    """How far it stands off the head."""
    root_end: float = 83.0
    """Elevation of its root."""


def _both(*bangs: Bang) -> tuple[Bang, ...]:
    """The strands of her left side and, a little different, of her right."""
    twins = [
        replace(
            bang, root=-bang.root, tip=-bang.tip - (1.5 if number % 2 else -1), hook=-bang.hook,
            end=bang.end + (1.5 if number % 2 else -1), width=bang.width * (0.94 if number % 3 else 1.06),
        )
        for number, bang in enumerate(bangs)
    ]  # fmt: skip
    return (*bangs, *twins)


FRINGES: dict[str, tuple[Bang, ...]] = {
    "swept": (
        # under layer: wide and quiet, it closes the gaps between the locks above it
        Bang(-24, -57, 4, 0.19, -4, 1.075), Bang(-12, -33, 9, 0.22, -5, 1.075), Bang(0, -12, 13, 0.21, -4, 1.075),
        Bang(12, 11, 14, 0.20, 3, 1.075), Bang(20, 33, 9, 0.21, 5, 1.075), Bang(28, 56, 3, 0.19, 4, 1.075),
        # locks: each of its own width, length and turn, longer towards the temples
        Bang(-25, -66, -14, 0.150, 6, 1.12), Bang(-22, -50, -8, 0.190, -8, 1.13), Bang(-16, -38, 2.0, 0.130, -12, 1.115),
        Bang(-11, -25, -3.0, 0.215, -15, 1.14), Bang(-6, -15, 3.5, 0.110, -12, 1.12), Bang(-1, -3, -5.5, 0.190, -15, 1.135),
        Bang(5, 7, 4.5, 0.120, -6, 1.12), Bang(10, 15, 1.0, 0.180, 9, 1.13), Bang(15, 24, 5.5, 0.120, 10, 1.12),
        Bang(18, 33, -3.5, 0.205, 13, 1.14), Bang(24, 44, 1.0, 0.120, 12, 1.12), Bang(28, 54, -9.0, 0.180, 9, 1.135),
        Bang(33, 67, -16, 0.150, -5, 1.12),
        # wisps
        Bang(-13, -31, 0.5, 0.045, -18, 1.155), Bang(-3, -7, -3.0, 0.042, -20, 1.15), Bang(7, 10, -1.5, 0.045, 8, 1.15),
        Bang(21, 40, -1.5, 0.045, 17, 1.15), Bang(-19, -57, -10, 0.050, 8, 1.145), Bang(30, 60, -11, 0.045, 9, 1.15),
    ),
    "straight": (
        Bang(-24, -57, 3, 0.20, 0, 1.075), Bang(-12, -34, 6, 0.23, 0, 1.075), Bang(-3, -11, 7, 0.22, 0, 1.075),
        Bang(6, 12, 7, 0.22, 0, 1.075), Bang(14, 34, 6, 0.22, 0, 1.075), Bang(26, 57, 3, 0.20, 0, 1.075),
        Bang(-26, -66, -12, 0.150, 5, 1.12), Bang(-21, -48, -0.5, 0.190, 3, 1.125), Bang(-14, -33, 1.5, 0.215, -3, 1.13),
        Bang(-8, -19, 0.0, 0.160, 3, 1.135), Bang(-2, -5, 2.0, 0.225, -3, 1.13), Bang(5, 10, 0.5, 0.150, -3, 1.14),
        Bang(10, 22, 2.0, 0.205, 3, 1.13), Bang(17, 37, 0.0, 0.185, -3, 1.125), Bang(22, 50, -1.5, 0.180, 3, 1.13),
        Bang(28, 66, -13, 0.150, -5, 1.12),
        Bang(-6, -12, -2.5, 0.045, -6, 1.15), Bang(8, 17, -2.0, 0.050, 6, 1.15), Bang(20, 43, -4.0, 0.045, 7, 1.15),
    ),
    "parted": _both(
        Bang(20, 56, 3, 0.20, 5, 1.075), Bang(11, 42, 11, 0.21, 8, 1.075), Bang(5, 27, 22, 0.20, 10, 1.075),
        Bang(2, 14, 33, 0.16, 10, 1.075),
        Bang(26, 67, -17, 0.150, -6, 1.12), Bang(21, 58, -9, 0.185, 8, 1.13), Bang(15, 50, -3.5, 0.150, 12, 1.12),
        Bang(10, 41, 2, 0.200, 14, 1.14), Bang(6, 32, 8, 0.140, 16, 1.125), Bang(3, 22, 15, 0.190, 18, 1.14),
        Bang(2, 12, 25, 0.150, 18, 1.13),
        Bang(13, 45, -1.0, 0.045, 18, 1.155), Bang(4, 27, 11, 0.042, 20, 1.155),
    ),
    "side": (
        Bang(15, -58, 4, 0.22, -4, 1.075), Bang(18, -40, 12, 0.24, -4, 1.075), Bang(20, -20, 17, 0.23, -3, 1.075),
        Bang(22, 0, 21, 0.21, -2, 1.075), Bang(24, 18, 25, 0.17, 0, 1.075), Bang(31, 57, 3, 0.20, 4, 1.075),
        Bang(28, 46, 13, 0.18, 5, 1.075),
        Bang(2, -67, -17, 0.150, 6, 1.12), Bang(9, -60, -9, 0.180, -7, 1.13), Bang(14, -49, -3.5, 0.200, -12, 1.14),
        Bang(17, -38, 0.5, 0.130, -13, 1.12), Bang(19, -28, 1.5, 0.215, -15, 1.145), Bang(21, -17, 6.5, 0.120, -14, 1.125),
        Bang(22, -8, 7.5, 0.190, -16, 1.14), Bang(24, 3, 13.0, 0.140, -14, 1.13), Bang(25, 12, 17, 0.120, -12, 1.125),
        Bang(29, 45, 4.0, 0.170, 11, 1.13), Bang(31, 53, -4, 0.150, 10, 1.14), Bang(33, 60, -10, 0.170, 8, 1.125),
        Bang(35, 67, -17, 0.150, -5, 1.12),
        Bang(20, -32, -1.5, 0.045, -18, 1.16), Bang(23, -3, 6.0, 0.042, -18, 1.155), Bang(28, 48, -2.0, 0.045, 14, 1.15),
    ),
}  # fmt: skip


def drawn(bang: Bang, shift: float) -> Part:
    """One strand of the fringe."""
    t = steps(18)
    azimuth = bang.root + (bang.tip - bang.root) * t**0.8 + bang.hook * t**3.5
    elevation = bang.root_end - (bang.root_end - bang.end) * t**0.95
    radius = 1.05 + (bang.lift - 1.05) * np.sin(t * np.pi / 2) - 0.02 * t**4
    line = shell(azimuth, elevation, radius)
    wisp = bang.width < 0.06
    width = bang.width * taper(t, 0.42, 0.45, 0.9)
    thick = (0.030 if wisp else 0.048) * taper(t, 0.6, 0.5, 0.7)
    return strand(line, width, thick, (0.02, 0.70), shift, t)
