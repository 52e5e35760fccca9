"""Tables: from bytes to lines, records and typed values."""
