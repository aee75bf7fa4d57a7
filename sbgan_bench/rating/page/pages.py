"""What stands on each page but the images: words, a few buttons, the same look throughout.

The title of the study is not among the words: it is the owner's, and may name what is compared.
"""

from html import escape

import streamlit as st

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.crowd.identity import prolific_completion_url
from sbgan_bench.rating.store.records import Platform, Rater
from sbgan_bench.rating.study import SCORES, FrozenAnchor, FrozenStudy

#: Pixels that the narrow layout has for an image.
_NARROW = 660

_LOOK = """<style>
.stMainBlockContainer { padding-top: 2rem; padding-bottom: 3rem; }
.stAppHeader { background: transparent; pointer-events: none; }
.stMainBlockContainer h1 { font-size: 2rem; }
.stCode code { font-size: 1.5rem; letter-spacing: 0.05em; }
.stApp[data-test-connection-state="PINGING_SERVER"]:not(:has(.stBidiComponent))::before {
  content: "No connection to the server. Trying again ...";
  position: fixed; z-index: 1000; top: 0; left: 0; right: 0; padding: 0.4rem; text-align: center;
  background: #b45309; color: #fff;
}
.scale { margin: 0.5rem 0 1rem; }
.scale .score { margin-top: 1rem; font-weight: 600; }
.scale figure { margin: 0.5rem 0 0; }
.scale .example { display: flex; padding: 0.75rem; overflow: auto; border-radius: 0.5rem; background: #808080; }
.scale img { flex: none; margin: auto; max-width: none; }
.scale figcaption { margin-top: 0.25rem; opacity: 0.8; }
</style>"""


def frame(study: FrozenStudy) -> None:
    """Set the page's title, width and look."""
    st.set_page_config(page_title="Image rating", layout="wide" if study.width > _NARROW else "centered")
    st.html(_LOOK)


def entrance(study: FrozenStudy) -> None:
    """Ask for the code of an invitation."""
    st.title("Image rating")
    with st.form("entrance", border=False):
        code = st.text_input("Your code, as it came with your invitation", autocomplete="off")
        entered = st.form_submit_button("Continue", type="primary")
    if study.prolific is not None:
        st.caption("If you come from Prolific, please open the study from its page there.")
    _contact(study)
    if entered and code.strip():
        st.query_params["token"] = code.strip()
        st.rerun()


def refused(study: FrozenStudy, reason: BenchError) -> None:
    """Say why nobody can rate with this address."""
    st.title("This link does not work")
    st.write(str(reason))
    _contact(study)


def closed(study: FrozenStudy, rater: Rater | None = None) -> None:
    """Say that the study takes no more answers; who gave some gets the completion code."""
    st.title("This study is closed")
    if rater is not None and rater.rated:
        st.write("No more answers are taken. What you rated until now is saved. Thank you for your help.")
        _completion(rater)
    else:
        st.write("No more answers are taken. Thank you for coming.")
    _contact(study)


def full(study: FrozenStudy) -> None:
    """Say to somebody who gave no score that there is nothing to rate; there is no completion code for that."""
    st.title("This study is full, thank you for coming")
    st.write("Every image is rated, or with somebody else just now. You can close this page.")
    _contact(study)


def unavailable() -> None:
    """Say that the store did not answer."""
    st.title("Please wait a moment")
    st.write("The server is busy. Your answers are safe.")
    st.button("Try again", type="primary")


def consent(study: FrozenStudy) -> bool:
    """Show what people agree to; return whether they just did."""
    st.title("Before you begin")
    with st.container(border=True):
        st.markdown(study.consent)
    agreed = st.checkbox("I have read this and agree to take part.")
    consenting = st.button("Continue", type="primary", disabled=not agreed)
    st.caption("If you do not agree, simply close this page.")
    _contact(study)
    return consenting


def instructions(study: FrozenStudy) -> bool:
    """Show what is asked; return whether the rater just said they will begin."""
    st.title("What to do")
    st.markdown(study.instructions)
    _scale(study)
    st.write(
        "Look at each image, then click a button or press a key from 1 to 4. You can pause at any time and come back "
        "with the same link, also on another device."
    )
    return st.button("Begin", type="primary")


def reminder(study: FrozenStudy) -> None:
    """Keep the instructions at hand below the images."""
    with st.expander("Instructions"):
        st.markdown(study.instructions)
        _scale(study)
        _contact(study)


def thanks(study: FrozenStudy, rater: Rater) -> None:
    """Show the completion code; every answer is in the store by now."""
    st.title("Thank you!")
    st.write("Nothing is left for you to rate, and every answer of yours is saved.")
    _completion(rater)
    _contact(study)


def _completion(rater: Rater) -> None:
    """Show the completion code and, for who came from Prolific, the way back."""
    if rater.completion_code:
        st.write("Your completion code:")
        st.code(rater.completion_code, language=None)
    if rater.platform is Platform.PROLIFIC and rater.completion_code:
        st.link_button("Return to Prolific", prolific_completion_url(rater.completion_code), type="primary")
    else:
        st.write("You can close this page now.")


def _scale(study: FrozenStudy) -> None:
    """Show the four scores with their words and examples, at native size."""
    st.markdown(f"**{study.scale.question}**")
    lines = []
    for score in SCORES:
        lines.append(f'<div class="score">{score} – {escape(study.scale.labels[score - 1])}</div>')
        lines += [_example(study, anchor) for anchor in study.anchors if anchor.score == score]
    st.html(f'<div class="scale">{"".join(lines)}</div>')


def _example(study: FrozenStudy, anchor: FrozenAnchor) -> str:
    words = f"Example of {anchor.score}, {study.scale.labels[anchor.score - 1]}"
    note = f"<figcaption>{escape(anchor.note)}</figcaption>" if anchor.note else ""
    return (
        f'<figure><div class="example"><img src="/rating/anchor/{anchor.id}.png" alt="{escape(words)}" '
        f'width="{study.width}" height="{study.height}"></div>{note}</figure>'
    )


def _contact(study: FrozenStudy) -> None:
    if study.contact:
        st.caption(f"Questions? Write to {study.contact}.")
