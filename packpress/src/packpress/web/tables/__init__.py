"""Pages of rows: cells, columns, filters, facets, search and Parquet, for any table."""
