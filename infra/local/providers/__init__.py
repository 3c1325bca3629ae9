"""Stand-ins for the channels' providers: each one is an outside party, written from the provider's own documentation.

They import nothing of the connectors or of the core, so a wrong reading of a provider's page shows as a disagreement.
"""
