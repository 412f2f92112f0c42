package relay

import (
	"log/slog"
	"time"
)

// Options are the limits and times of a Relay. A zero field takes its default; a negative limit switches it off
// where that is said.
type Options struct {
	// MaxDocBytes bounds a document in its encoded form. Default 8 MiB: an interview of an hour writes some
	// 300 kB, and a document costs about four times its encoding in memory.
	MaxDocBytes int
	// MaxOutboxBytes bounds what waits for one slow reader before it is resynchronised. Default 1 MiB: ten
	// thousand such readers still fit a machine.
	MaxOutboxBytes int
	// MaxUnsavedBytes bounds the entries that wait for the store before they are folded into one. Default 4 MiB.
	MaxUnsavedBytes int
	// MaxConns bounds the connections of one room. Default 100: an interview has two to six people, a lecture more.
	// Past it: CloseTooMany.
	MaxConns int
	// MaxClientIDs bounds the client ids that one connection may introduce. Default 4: a page has one, and
	// a provider that reconnects with a new document keeps its connection.
	MaxClientIDs int
	// MaxStateBytes bounds one awareness state. Default 4096.
	MaxStateBytes int
	// MessagesPerSecond bounds what one connection may send, with a burst of five seconds' worth. Default 2000: a
	// fast typist sends 15, a paste or a formatter one; negative: no limit. Past it: CloseTooMany.
	MessagesPerSecond int
	// BytesPerSecond bounds the bytes that one connection may send, with a burst of five seconds' worth. Default 2 MiB: several
	// pastes of the largest message at once; negative: no limit. Past it: CloseTooMany.
	BytesPerSecond int

	// MaxDocClients bounds the client ids of a document, which every state vector carries. Default 10,000: each page that was
	// ever opened is one. Past it: CloseTooLarge.
	MaxDocClients int
	// MaxRoots bounds the root types of a document. Default 1,000: there is one for each file. Past it: CloseTooLarge.
	MaxRoots int
	// MaxPendingBytes bounds what waits for structs that are missing, as long as there is any. Default 1 MiB. Past it what adds
	// to it: CloseTooLarge.
	MaxPendingBytes int

	// CompactEntries and CompactBytes: a log that has grown by so much is compacted. Default 500 entries, 1 MiB:
	// loading them takes about a millisecond.
	CompactEntries int
	CompactBytes   int

	// IdleTimeout is how long a room without connections stays in memory. Default 30 s: a reload finds it there.
	IdleTimeout time.Duration
	// StoreTimeout bounds one call to the store. Default 10 s.
	StoreTimeout time.Duration
	// DrainTime is the time over which Drain spreads the closing of sockets. Default 2 s; see Drain.
	DrainTime time.Duration

	// Measured, when not nil, is told how long something took. It is called from many goroutines and must be quick.
	Measured func(what Timing, took time.Duration)
	// Bus leads to the other nodes that use the same Log. nil: this node is the only one.
	Bus Bus

	// OnlineChanged is told when a participant of a session has got a first connection here, or has lost the last: Online
	// gives something else from then on. It must not block. Default: nobody is told.
	OnlineChanged func(session string)

	// Logger takes the few lines the relay writes, never with a token. Default slog.Default().
	Logger *slog.Logger
}

// Times that are no options: nobody has had a reason to change them.
const (
	expireInterval  = 3 * time.Second        // how often states are looked through for old ones at most, as y-protocols does
	retryFirst      = 100 * time.Millisecond // wait after the first failed append, doubled up to retryLast
	retryLast       = 5 * time.Second
	drainTick       = 100 * time.Millisecond // one wave of Drain
	drainAtOnce     = 25                     // sockets closed in a wave however much time there is
	burstSeconds    = 5                      // of MessagesPerSecond
	maxWaiting      = 512                    // entries that wait for the store before those of one participant are merged
	unloadEntries   = 100                    // a room that is unloaded with a longer log is compacted first
	maxRemembered   = 4096                   // client ids of which a room remembers the participant
	maxFirstClock   = 1 << 24                // awareness clock of a client that comes: 16 changes a second for 12 days
	maxClockStep    = 1 << 16                // between two states of one connection
	mergeSample     = 16                     // of so many merges one has its time taken, the first among them
	maxRootNameSize = 256                    // bytes of a root type's name in a selection
)

func (o Options) withDefaults() Options {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&o.MaxDocBytes, 8 << 20}, {&o.MaxOutboxBytes, 1 << 20}, {&o.MaxUnsavedBytes, 4 << 20},
		{&o.MaxConns, 100}, {&o.MaxClientIDs, 4}, {&o.MaxStateBytes, 4096}, {&o.MessagesPerSecond, 2000}, {&o.BytesPerSecond, 2 << 20},
		{&o.MaxDocClients, 10_000}, {&o.MaxRoots, 1000}, {&o.MaxPendingBytes, 1 << 20},
		{&o.CompactEntries, 500}, {&o.CompactBytes, 1 << 20},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{{&o.IdleTimeout, 30 * time.Second}, {&o.StoreTimeout, 10 * time.Second}, {&o.DrainTime, 2 * time.Second}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if o.OnlineChanged == nil {
		o.OnlineChanged = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
