#!/bin/sh
# Runs a test file with mounts of its own, where that is allowed: what another file mounts at the same time would be copied into the
# namespaces of the agents that this one starts, and its volumes would stay in use over there.
if unshare --mount true 2>/dev/null; then
  exec unshare --mount --propagation private "$REVEILLE_TEST_NODE" "$@"
fi
exec "$REVEILLE_TEST_NODE" "$@"
