"""What the core and the helpdesks' adapters agree on (:mod:`seam`), and what adapters have in common."""
