"""What every test shares: hypothesis draws the same examples each time, on every machine."""

from hypothesis import settings

# No deadline: two busy cores say nothing about the code. No database: a run depends on nothing but the code.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("fixed")
