"""Call the interface of a desk from another program; needs nothing of Troth but this file."""
