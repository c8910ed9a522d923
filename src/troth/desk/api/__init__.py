"""What other systems call: requests, promises, plans and evidence as JSON."""
