"""Scenarios: YAML files of changes, read, laid over each other, checked and turned into plain values.

- `schema`, `talks_schema`: what a scenario holds; `shape`: the same as places of a file
- `library`: which file a name means; `ancestry`: a file and what it extends; `merging`: how one is laid over the other
- `source_tree`: values that know their line; `reading`: YAML files as such trees; `overrides`: `--set`
- `citing`: numbers taken from the facts; `attribution`: sources of numbers that a file changes
- `validating`, `references`, `checks`, `talks_checks`, `dates`: what is wrong; `problems`: all of it at once
- `loading`: all of these in order; `writing`: a scenario as one complete file
- `listing`, `template`, `json_schema`: what people ask about scenarios, a draft of their own, help for editors
"""
