"""What tests stand on: real servers, real ClickHouse nodes, small HTTP helpers. It asserts no numbers."""
