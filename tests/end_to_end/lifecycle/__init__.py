"""What becomes of connections after they were accepted: accounts leave, move and come back, and people have their say."""
