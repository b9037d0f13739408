"""Guards a process that a test starts."""

import loopback_only

loopback_only.install()
