"""django-helpdesk as the end-to-end tests run it: a site of its own, in an environment of its own."""
