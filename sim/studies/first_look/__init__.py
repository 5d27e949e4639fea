"""What a scenario does, told in words from a few draws: `cloudtrade check --deep`.

`first_look` runs it beside what it extends and asks who comes and why others do not, which zones are used, and which of
its parts change nothing.
"""
