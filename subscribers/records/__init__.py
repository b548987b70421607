"""What is stored of members, contracts and lines: functions that take a connection and leave commit to it.

Every change first takes the next revision, whose row stays locked until the transaction ends. So changes run
one after another, each is checked against what the one before it left, and revisions commit in their order.
"""
