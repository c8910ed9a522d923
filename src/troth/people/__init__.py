"""People as the stores know them: identities, their normal forms, and who belongs together.

Pure. From what a person typed and what a data map declares to the closure of identities and keys; asking the
stores is done in `stores.sql.find`, through the port `closure.Finder`.
"""
