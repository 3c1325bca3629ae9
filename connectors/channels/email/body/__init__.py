"""What a customer wrote in a mail: the visible reply without quotes and signatures, and HTML that is safe to show."""

from connectors.channels.email.body.cleaning import clean_html
from connectors.channels.email.body.visible import Visible, visible_html, visible_text

__all__ = ["Visible", "clean_html", "visible_html", "visible_text"]
