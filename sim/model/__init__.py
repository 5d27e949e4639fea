"""The model: from a scenario to what happens in every draw. Outside it, `run_batch` and `Paths` are all there is."""
