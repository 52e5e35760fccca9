"""Tables: cells, columns, filters, facets, search and Parquet of rows of any kind."""
