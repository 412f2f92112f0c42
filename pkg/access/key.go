package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// MinKey is the least length of an API key in characters. A wrong key counts like a wrong invite
// code. Longer keys are better.
const MinKey = 8

// Keys holds the API keys of a service, as hashes only. It does not change. A nil Keys has no keys.
// Keys is safe for concurrent use.
type Keys struct {
	hashes [][sha256.Size]byte
}

// NewKeys returns Keys with the given keys.
func NewKeys(keys []string) *Keys {
	k := &Keys{}
	for _, key := range keys {
		k.hashes = append(k.hashes, hashKey(key))
	}
	return k
}

// hashKey hashes a key. A fast hash is enough, because machines make the keys and the hash never
// leaves memory.
func hashKey(key string) [sha256.Size]byte { return sha256.Sum256([]byte("parley api key:" + key)) }

// Any reports whether there are keys.
func (k *Keys) Any() bool { return k != nil && len(k.hashes) > 0 }

// Match reports whether key is one of the keys. name is a part of the hash of the key, for logs.
// Match always compares all bytes of all keys.
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
