"""What it costs: starts, parsing, AWS calls, dollars and throughput, each beside something to compare it with."""
