"""Money, price books, charges, and the ledger of ended calls. Lines are named by their id only."""
