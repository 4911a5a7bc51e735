"""The few MToon materials of her meshes; all share the texture, so each costs one draw call and one outline."""

from dataclasses import dataclass
from typing import Any

from .brush import linear


@dataclass(frozen=True)
class Material:
    """How a mesh is lit and outlined."""

    outline: float = 0.0
    """Width of the outline in metres; 0 = none."""
    ink: str = "#2a1f38"
    """Colour of the outline."""
    shift: float = -0.05
    """Where shadow begins: lower is later."""
    toony: float = 0.86
    """How hard the border of the shadow is."""
    both_sides: bool = False
    blend: bool = False
    """Whether it is transparent."""


MATERIALS = {
    "skin": Material(0.0008, "#93564a", -0.18, 0.88),
    "face": Material(0.0, shift=-0.18, toony=0.88, both_sides=True),
    "hair": Material(0.0008, "#2b2038", -0.02, 0.80),
    "cloth": Material(0.0009, "#35555a", -0.06, 0.84),
    "white": Material(0.0007, "#5c6588", -0.16, 0.84),
    "plain": Material(0.0, shift=-0.06, both_sides=True),
    "blush": Material(0.0, shift=-1.0, blend=True),
}


def written(name: str, lit: int, shaded: int) -> dict[str, Any]:
    """The material as glTF writes it, with the numbers of its two textures."""
    material = MATERIALS[name]
    mtoon: dict[str, Any] = {
        "specVersion": "1.0", "transparentWithZWrite": False, "renderQueueOffsetNumber": 0,
        "shadeColorFactor": [1, 1, 1], "shadeMultiplyTexture": {"index": shaded},
        "shadingShiftFactor": material.shift, "shadingToonyFactor": material.toony, "giEqualizationFactor": 0.9,
        "parametricRimColorFactor": [0, 0, 0], "parametricRimFresnelPowerFactor": 4,
        "parametricRimLiftFactor": 0, "rimLightingMixFactor": 1,
        "outlineWidthMode": "worldCoordinates" if material.outline else "none", "outlineWidthFactor": material.outline,
        "outlineColorFactor": linear(material.ink), "outlineLightingMixFactor": 0.4,
    }  # fmt: skip
    if name in ("hair", "cloth"):
        mtoon["parametricRimColorFactor"] = [0.04, 0.04, 0.06]
    return {
        "name": name, "alphaMode": "BLEND" if material.blend else "OPAQUE", "doubleSided": material.both_sides,
        "pbrMetallicRoughness": {
            "baseColorFactor": [1, 1, 1, 1], "baseColorTexture": {"index": lit}, "metallicFactor": 0, "roughnessFactor": 0.9,
        },
        "extensions": {"VRMC_materials_mtoon": mtoon, "KHR_materials_unlit": {}},
    }  # fmt: skip
