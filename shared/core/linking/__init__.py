"""Who is the same customer: link codes, proofs, merges, and taking a link back."""
