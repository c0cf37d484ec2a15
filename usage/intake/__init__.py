"""What SDKs send: reading bodies and calls. Pure, except for `views`."""
