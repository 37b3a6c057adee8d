"""Stage 1, admit: who calls, and is this a request at all?

`strict_json` turns bytes into the neutral tree or refuses them, `tokens` knows what a caller's token looks like,
`request` makes the `Admitted` (the only place that does), `quota` bounds how many recorded refusals a caller may cause.
"""
