"""The Streamlit script: one run of it draws one of the pages."""

from sbgan_bench.rating.page.shell import main

if __name__ == "__main__":
    main()
