"""The web application: privacy centre for the public, console for staff, interface for other systems.

`setup.configure` must be called before anything that knows the ledger is imported; `wsgi.application` does so.
"""
