"""WeChat's XML: read without a document type, written so that no text can break it."""

import re
from collections.abc import Mapping

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 cannot hold."""

Fields = Mapping[str, "str | Fields"]


class BadXml(ValueError):
    """No XML that a service would send."""


def fields(text: str | bytes) -> dict[str, str]:
    """The root's children with their texts; deeper ones as ``Outer.Inner``. Raises BadXml."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadXml(type(error).__name__) from error
    found: dict[str, str] = {}
    for child in root:
        found[child.tag] = (child.text or "").strip() if len(child) else child.text or ""
        for inner in child:
            found[f"{child.tag}.{inner.tag}"] = inner.text or ""
    return found


def document(content: Fields) -> str:
    """XML with every text as CDATA."""
    return f"<xml>{_body(content)}</xml>"


def _body(content: Fields) -> str:
    return "".join(
        f"<{name}>{_cdata(value) if isinstance(value, str) else _body(value)}</{name}>"
        for name, value in content.items()
    )


def _cdata(text: str) -> str:
    """A text that cannot end its section: the end mark is cut in two."""
    return "<![CDATA[" + FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
