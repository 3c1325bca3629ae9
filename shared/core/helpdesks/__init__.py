"""Helpdesks: what happens is brought to them through their adapters, and what agents do there is carried out here."""
