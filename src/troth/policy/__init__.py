"""What is promised: the policy as rules, its published text as fingerprints. Pure: text in, rules out."""
