package redisstore

import "parley/pkg/relay"

// Node is the id of this node among those that share the Redis.
func (s *Store) Node() relay.NodeID { return s.node }
