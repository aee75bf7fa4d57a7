"""The dashboard: what was measured, for people who would rather look than read. It shows rows and files, no more."""


def main() -> None:
    """Show the page that the reader is on; Streamlit calls this anew after every change."""
    from sbgan_bench.dashboard.shell import show  # Streamlit takes a while to import, and only this needs it

    show()
