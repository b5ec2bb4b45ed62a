"""One file per page: its layout. What is shown comes from app.queries, how it is drawn from app.charts.

Not called pages: of a folder of that name Streamlit would serve each file by itself, before main.py has said which there are.
"""
