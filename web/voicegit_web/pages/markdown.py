"""Markdown for a page: no HTML of its own, no images, links that say where they lead. What a model or a customer wrote may pass through here."""

import re
from functools import cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

MOST = 8192
"""Characters that are rendered; longer text is shown as it is, for hostile text takes long: 16 kB took 0.7 s, 64 kB 2.8 s."""

TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "a", "del"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def rendered(text: str) -> Markup:
    if len(text) > MOST:
        return Markup('<pre class="source">{}</pre>').format(text)
    html = re.sub(r"<(/?)h[1-6]>", r"<\1h3>", _markdown().render(text))
    clean = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href", "title"}, "ol": {"start"}}, url_schemes={"https", "http", "mailto", "tel"}, link_rel="noopener nofollow"
    )
    return Markup(clean)  # noqa: S704 - nh3's own output, from an allow-list


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
    made.add_render_rule("link_close", _where)
    return made


def _where(self: object, tokens: list, idx: int, options: object, env: object) -> str:  # type: ignore[type-arg]
    """After a link, its host: `[our site](https://evil.example)` has to be seen for what it is."""
    opened = next((tokens[at] for at in range(idx, -1, -1) if tokens[at].type == "link_open"), None)
    href = str(opened.attrGet("href") or "") if opened else ""
    host = urlsplit(href).hostname or ""
    return f"</a> ({escape(host)})" if host and host not in tokens[idx - 1].content else "</a>"
