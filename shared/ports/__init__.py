"""The seams between the core and what surrounds it: Protocols for connectors, and for what connectors are handed.

A connector is two things, kept apart so that the webhook function imports almost nothing: an ``Ingress`` (handshake and
verification, standard library only where possible) and a ``Connector`` (everything else).
"""
