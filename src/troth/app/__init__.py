"""The only place where the parts are put together: files, stores, ledger and engines, for commands to call."""
