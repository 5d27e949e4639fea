"""What actors reckon: pure looks at the world, without a clock."""
