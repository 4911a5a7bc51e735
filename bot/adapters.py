"""A name in the settings becomes a module of a port."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


class UnknownAdapter(LookupError):
    """A name no module of the port answers to; the message lists those that do."""


def names(port: ModuleType) -> list[str]:
    """The adapters of a port, by name."""
    return sorted(module.name for module in iter_modules(port.__path__) if not module.name.startswith("_"))


def adapter(port: ModuleType, name: str) -> ModuleType:
    """The port's module of that name. Raises UnknownAdapter with the choices."""
    if name not in names(port):
        raise UnknownAdapter(f"{port.__name__} has no {name!r}; choose from: {', '.join(names(port))}")
    return import_module(f"{port.__name__}.{name}")
