"""What stores of plain files share: finding files, telling whose a row is, changing files safely, remembering it.

Mail, logs and trees say only what a row of theirs is and how it is written back; nothing here knows a format.
"""
