"""What a reader can change, and what the page says about it: the only widgets of the app."""
