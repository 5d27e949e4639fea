"""From a scenario to arrays: uncertain numbers, the state of the world, and the world at the base date."""
