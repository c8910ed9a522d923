"""Proof of who asks: what may be asked, codes, facts compared, papers."""
