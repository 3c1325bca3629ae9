"""Wires the use cases to AWS: the one place that knows which adapter stands behind which port.

One module for each subject. Everything is made at its first use and kept while the function is warm; imports are
inside, so that a function loads only what it calls. What another module makes is asked for by that module's name
(``store.people()``), so that a test can put something else in its place.
"""
