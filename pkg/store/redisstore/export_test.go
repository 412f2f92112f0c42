package redisstore

import (
	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
)

// Node is the id of this node among those that share the Redis.
func (s *Store) Node() relay.NodeID { return s.node }

// AddHook adds a hook to the commands of a store.
func (s *Store) AddHook(h redis.Hook) { s.client.AddHook(h) }

// FoldHash is the hash of the script of a fold.
var FoldHash = foldScript.hash
