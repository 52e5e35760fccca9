"""What works for any tabular Data Package; nothing here knows a table of ours."""
