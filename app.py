"""The dashboard: ``streamlit run app.py -- RUN``."""

from streamlit import App

from sbgan_bench.dashboard import main
from sbgan_bench.dashboard.serving import SCRIPT, lifespan, routes

app = App(SCRIPT, routes=routes(), lifespan=lifespan)

if __name__ == "__main__":  # run as a page, by a test for instance; the server imports this file
    main()
