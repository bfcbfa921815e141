"""The frame around every e-mail: MJML, turned into HTML once, then only filled.

Colours and sizes are the tokens of our pages. No web font, no image, nothing that reports back.
"""

import re
from functools import lru_cache
from html import escape

import mrml

_LEFTWARD = frozenset({"ar", "fa", "he", "ur", "yi", "dv", "ps", "sd", "ug"})
"""Languages written from right to left."""

_MJML = """
<mjml lang="oqlang" dir="oqdir">
  <mj-head>
    <mj-title>oqtitle</mj-title>
    <mj-preview>oqpreview</mj-preview>
    <mj-raw>
      <meta name="color-scheme" content="light dark">
      <meta name="supported-color-schemes" content="light dark">
      <meta name="format-detection" content="telephone=no,date=no,address=no">
    </mj-raw>
    <mj-attributes>
      <mj-all font-family="system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif" />
      <mj-section padding="0" />
      <mj-text padding="0" align="oqalign" color="#1E2430" font-size="16px" line-height="1.5" />
    </mj-attributes>
    <mj-style>
      :root { color-scheme: light dark; supported-color-schemes: light dark; }
      .letter > table, .letter div { font-variant-numeric: tabular-nums; }
      .frame { padding: 0 12px; }
      .letter div > :last-child, .letter blockquote > :last-child {
        margin-bottom: 0 !important;
      }
      [dir=rtl] ul, [dir=rtl] ol { padding: 0 22px 0 0 !important; }
      .letter a:hover { text-decoration-thickness: 2px; }
      @media (max-width: 479px) {
        .letter > table > tbody > tr > td { padding: 28px 24px 32px !important; }
        .edge { padding: 0 25px !important; }
      }
      @media (prefers-color-scheme: dark) {
        body, .paper, .paper > table { background-color: #14171D !important; }
        .letter, .letter > table { background-color: #1C2028 !important; }
        .letter > table > tbody > tr > td { border-color: #2B313C !important; }
        .paper div, .paper h1, .paper h2, .paper h3 { color: #ECE9E2 !important; }
        .letter a, .foot a { color: #5CC4BC !important; }
        .letter .button { background-color: #5CC4BC !important; }
        .letter .button a { color: #10201F !important; }
        .letter .choice { border-color: #5CC4BC !important; }
        .letter hr { border-color: #2B313C !important; }
        .letter blockquote, .letter code {
          background-color: #252B34 !important; border-color: #5CC4BC !important;
        }
        .mark { background-color: #5CC4BC !important; }
        .foot div { color: #A9AEB8 !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body width="600px" background-color="#FBFAF7" css-class="paper">
    <mj-section css-class="frame" padding="32px 0 16px">
      <mj-column>
        <mj-text css-class="edge" padding="0 41px" font-size="15px" font-weight="600">
          oqhead
        </mj-text>
      </mj-column>
    </mj-section>
    <mj-wrapper css-class="frame" padding="0">
      <mj-section css-class="letter" background-color="#FFFFFF" border="1px solid #E9E5DC"
        border-radius="12px" padding="36px 40px 40px">
        <mj-column><mj-text>oqbody</mj-text></mj-column>
      </mj-section>
    </mj-wrapper>
    <mj-section css-class="frame foot" padding="20px 0 40px">
      <mj-column>
        <mj-text css-class="edge" padding="0 41px" font-size="13px" color="#5A6170">
          oqfoot
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
_HOLE = re.compile(r"oq(lang|dir|align|title|preview|head|body|foot)")


def page(*, language: str, title: str, preview: str, head: str, body: str, foot: str) -> str:
    """One e-mail as HTML. ``title`` and ``preview`` are text; the other parts are HTML already.

    ``preview`` is what a mailbox shows beside the subject.
    """
    leftward = language.partition("-")[0] in _LEFTWARD
    parts = {
        "lang": escape(language),
        "dir": "rtl" if leftward else "ltr",
        "align": "right" if leftward else "left",
        "title": escape(title),
        # Joiners without width keep a mailbox from filling the line up with what follows.
        "preview": escape(preview) + "&#847; " * 60 if preview else "",
        "head": head,
        "body": body,
        "foot": foot,
    }
    texts, holes = _frame()
    return "".join(text + parts[hole] for text, hole in zip(texts, holes, strict=False)) + texts[-1]


@lru_cache(maxsize=1)
def _frame() -> tuple[list[str], list[str]]:
    """The texts between the holes, and the holes' names: one more text than holes."""
    html = mrml.to_html(_MJML, render_options=mrml.RenderOptions(fonts={})).content
    pieces = _HOLE.split(html)
    return pieces[::2], pieces[1::2]
