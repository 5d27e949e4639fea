"""Scenarios: YAML files of changes, laid over each other, validated once along the schema, turned into plain values.

- `schema`, `talks_schema`: what a scenario holds; `schema_slots`: the same as places of a file
- `source_tree`: values that know their line, problems with them; `yaml_files`: files read as such trees, and written
- `library`: which file a name means; `layers`: a file, what it extends, and `--set`
- `citing`: numbers taken from the facts
- `validating`: one value and its names; `checks`, `talks_checks`: what several values or parties say together
- `loading`: all of these in order
- `describing`: what people and editors ask about scenarios, and a draft of their own
- `exchanging`: a part of one scenario put into another
"""
