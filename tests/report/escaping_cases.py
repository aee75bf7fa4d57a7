"""Strings that would do something if they were taken for markup."""

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) | `a` **b** | <b>\n\n# heading",
    r"\input{/etc/passwd} $x$ \write18{rm} % & # _ ^ ~ {}",
    "![x](http://example.invalid/p.png) www.example.invalid",
    '=HYPERLINK("http://example.invalid")',
    "../../etc/passwd\x00",
    "\u202eright to left\u2066",
    "日本語 \U0001f600 ß–±",
)
