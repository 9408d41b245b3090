"""The rolling upgrade: its plan from the Configuration Server, and what is made of what the hosts of a run have seen and done.

Here belong pure functions; who looks, stops, installs and starts is in the role rolling_upgrade, and how that is done on a host is in _host.
"""
