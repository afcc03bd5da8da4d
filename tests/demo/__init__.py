"""`make demo`: the main job on the local AWS, to watch.

From nothing: an Organization, the real templates, the real function. Then accounts ask for connections, and one sees who
asked, what was decided, why, and how fast; what becomes of connections when their account leaves or is moved; how
names come and go; and what is written on an endpoint and all that belongs to it.
`DEMO_KEEP=1` leaves it running. Exit status 0 means that all went as it should.
"""
