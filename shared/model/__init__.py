"""The schema: msgspec Structs that everything else is generated from. Changes only ever add."""
