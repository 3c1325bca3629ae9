"""Web chat: visitors of a site write in its chat widget. The protocol is ours; there is no provider in between."""
