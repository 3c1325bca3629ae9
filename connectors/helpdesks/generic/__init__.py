"""Any helpdesk with an HTTP API and webhooks, by templates in the account's settings (docs/helpdesks/generic.md)."""
