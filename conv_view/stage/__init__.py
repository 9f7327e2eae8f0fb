"""The stage: the player in the browser and the ways to mount it (component, standalone page, notebook)."""
