"""Stage 1, admit: who calls, and is this a request at all?

`gateway.formats` turns bytes into the neutral tree, `tokens` knows what a caller's token looks like, `request` makes
the `Admitted` (the only place that does), `quota` bounds how many recorded refusals a caller may cause.
"""
