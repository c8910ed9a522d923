"""Who is given people's data, and whose data went where: recipients and the journal of disclosures.

Recipients are declared in the project's files or entered by command (`register`); every disclosure, sale, share and
use that counts as one is written into an append-only journal (`journal`), which is asked by identity. What answers
to people need is worked out in `answers`. Nothing here sends anything.
"""
