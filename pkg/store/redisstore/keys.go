package redisstore

// keys names every key and channel. The keys of one session carry its id as their hash tag. So a
// cluster keeps them on one shard, and a script may use them together.
type keys struct{ prefix string }

// session is the key of a session's record. The session exists as long as this key does.
func (k keys) session(session string) string { return k.of(session, "session") }

// of returns a key of a session. rest tells apart several keys of one kind.
func (k keys) of(session, kind string, rest ...string) string {
	b := make([]byte, 0, 64)
	b = append(b, k.prefix...)
	b = append(b, ":{"...)
	b = append(b, session...)
	b = append(b, "}:"...)
	b = append(b, kind...)
	for _, r := range rest {
		b = append(append(b, ':'), r...)
	}
	return string(b)
}

// global returns a key or channel that belongs to no session.
func (k keys) global(kind string) string { return k.prefix + ":" + kind }
