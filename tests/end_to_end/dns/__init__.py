"""sync-dns as it is deployed: domains verified, private names, names of one's own."""
