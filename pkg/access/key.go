package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// MinKey is the least length of an API key in characters. Failed ones are counted like wrong invite codes; longer is better.
const MinKey = 8

// Keys are the API keys that a service knows. It holds their hashes alone and does not change; nil holds none. Safe for concurrent
// use.
type Keys struct {
	hashes [][sha256.Size]byte
}

// NewKeys gives Keys that know these.
func NewKeys(keys []string) *Keys {
	k := &Keys{}
	for _, key := range keys {
		k.hashes = append(k.hashes, hashKey(key))
	}
	return k
}

// hashKey hashes a key. As with invite codes a fast hash will do: a key is made by a machine, and the hash never leaves memory.
func hashKey(key string) [sha256.Size]byte { return sha256.Sum256([]byte("parley api key:" + key)) }

// Any reports whether there are keys.
func (k *Keys) Any() bool { return k != nil && len(k.hashes) > 0 }

// Match reports whether key is one of them, and gives a name that stands for it in logs: a part of its hash. It looks at all keys, and
// at all bytes of each.
func (k *Keys) Match(key string) (name string, ok bool) {
	if !k.Any() {
		return "", false
	}
	hash, found := hashKey(key), 0
	for _, h := range k.hashes {
		found |= subtle.ConstantTimeCompare(h[:], hash[:])
	}
	if found == 0 {
		return "", false
	}
	return "key-" + hex.EncodeToString(hash[:4]), true
}
