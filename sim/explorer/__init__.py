"""The live explorer: sliders and switches made from a scenario, answered at once beside a reference.

1. `controls`, `ranges`: a scenario -> what can be moved; `settings`: where things were moved -> changed values.
2. `session`, `saving`, `places`: changed values -> answers, scenario files, report pages; `pins`: answers to be kept.
3. `charts`, `table`, `panel`, `app`, `serve`: answers -> the page in a browser or in Jupyter; `door`: who is let in.
   Only these need Panel; `opening` says so where it is not installed.
"""
