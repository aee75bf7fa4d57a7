"""What Streamlit runs anew after every change a reader makes."""

from sbgan_bench.dashboard import main

if __name__ == "__main__":  # as Streamlit calls it
    main()
