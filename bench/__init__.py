"""What is measured, as a ratio to something that runs beside it; `python -m bench` prints the table."""
