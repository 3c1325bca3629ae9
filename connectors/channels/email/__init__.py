"""Email: mail comes in through SES receiving and goes out through SES sending."""
