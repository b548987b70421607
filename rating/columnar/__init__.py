"""A month of ended calls as columns (DuckDB): re-rated and reported whole. Prices stay those of PriceBook."""
