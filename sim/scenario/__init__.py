"""Scenarios: YAML files of changes, read, laid over each other, checked and turned into plain values.

- `schema`: what a scenario holds; `shape`: the same as places of a file
- `library`: which file a name means; `ancestry`: a file and what it extends; `merging`: how one is laid over the other
- `source_tree`: YAML in which every value knows its line; `overrides`: `--set`
- `citing`: numbers taken from the facts; `attribution`: sources of numbers that a file changes
- `validating`, `checks`, `dates`: what is wrong; `problems`: all of it at once
- `loading`: `load` and `dump`
"""
