package redisstore

// keys gives every key and channel its name. Those of one session carry its id as their hash tag, so that a cluster keeps them on
// one shard and a script may touch them together.
type keys struct{ prefix string }

// session is the record of a session. Whether it exists is whether the session does.
func (k keys) session(session string) string { return k.of(session, "session") }

// of gives a session's key of some kind, with what tells it from others of that kind.
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

// global gives a key or channel that belongs to no session.
func (k keys) global(kind string) string { return k.prefix + ":" + kind }
