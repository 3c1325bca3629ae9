"""Sending through a mail server of the deployer's own instead of SES. Sources: RFC 5321, 3207, 4954, 1870, 3463."""
