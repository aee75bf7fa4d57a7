"""What Streamlit runs anew after every change a reader makes."""

from sbgan_bench.dashboard import main

main()
