"""What people's rights come to in the stores: which fields go, which stay and why, as plans. Pure."""
