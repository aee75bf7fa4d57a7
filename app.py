"""The dashboard: ``streamlit run app.py -- RUN``."""

from sbgan_bench.dashboard import main

main()
