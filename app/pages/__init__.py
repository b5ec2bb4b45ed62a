"""One file per page: its layout. What is shown comes from app.queries, how it is drawn from app.charts."""
