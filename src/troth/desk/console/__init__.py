"""What staff see: promises, requests, plans, data map, holds, evidence, laws, settings."""
