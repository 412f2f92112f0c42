package relay

import (
	"log/slog"
	"time"
)

// Options are the limits and times of a Relay. A zero field takes its default. A negative value
// removes a limit where the field says so.
type Options struct {
	// MaxDocBytes bounds the encoded size of a document. Default 8 MiB: an interview of an hour
	// writes some 300 kB. A document takes about four times its encoded size in memory.
	MaxDocBytes int
	// MaxOutboxBytes bounds what waits for one slow reader before the reader is resynchronised.
	// Default 1 MiB: a machine still has memory for ten thousand such readers.
	MaxOutboxBytes int
	// MaxUnsavedBytes bounds the entries of a document that wait for the store. Past it they are
	// folded into one. Default 4 MiB.
	MaxUnsavedBytes int
	// MaxConns bounds the connections of one room. Default 100: an interview has two to six people,
	// a lecture more. Past it: CloseTooMany.
	MaxConns int
	// MaxClientIDs bounds the client ids that one connection may introduce. Default 4: a page has
	// one, and a provider that restarts with a new document keeps its connection.
	MaxClientIDs int
	// MaxStateBytes bounds one awareness state. Default 4096.
	MaxStateBytes int
	// MessagesPerSecond bounds the messages of one connection; a burst may hold those of five
	// seconds. Default 2000: a fast typist sends 15, a paste or a formatter one. Negative: no
	// limit. Past it: CloseTooMany.
	MessagesPerSecond int
	// BytesPerSecond bounds the bytes that one connection sends; a burst may hold those of five
	// seconds. Default 2 MiB: a burst holds several pastes of the largest message. Negative: no
	// limit. Past it: CloseTooMany.
	BytesPerSecond int

	// WorkPerSecond bounds the work that one participant may cause in one room, with a burst of
	// five seconds' worth. A unit is some 10 ns of processor time. Default 1,000,000, a hundredth
	// of a processor: a page that joins a document of 300 kB takes 40,000. Negative: no limit. Past
	// it: CloseTooMany.
	WorkPerSecond int

	// MaxDocClients bounds the client ids in a document, all of which every state vector carries.
	// Default 10,000: each page that was ever opened adds one. Past it: CloseTooLarge.
	MaxDocClients int
	// MaxRoots bounds the root types of a document. Default 1,000: each file has one. Past it:
	// CloseTooLarge.
	MaxRoots int
	// MaxPendingBytes bounds the updates that arrive while structs wait for missing ones. Default 1
	// MiB. An update that would add to them past the bound: CloseTooLarge.
	MaxPendingBytes int

	// CompactEntries and CompactBytes say by how much a log grows before it is compacted. Defaults
	// 500 entries and 1 MiB: loading them takes about a millisecond.
	CompactEntries int
	CompactBytes   int

	// IdleTimeout is how long a room without connections stays in memory. Default 30 s: a page that
	// reloads finds the room there.
	IdleTimeout time.Duration
	// StoreTimeout bounds one call to the store. Default 10 s.
	StoreTimeout time.Duration
	// DrainTime is the time over which Drain closes the sockets. Default 2 s.
	DrainTime time.Duration

	// Measured, when not nil, receives the duration of each measured step. Many goroutines call it,
	// and it must be quick.
	Measured func(what Timing, took time.Duration)
	// Bus connects the nodes that use the same Log. nil: this node is the only one.
	Bus Bus

	// OnlineChanged is called when a participant of a session gets a first connection here or loses
	// the last one, so that the result of Online changes. It must not block. nil: no call.
	OnlineChanged func(session string)

	// Presence is called with every newer awareness state of a watched connection, and with null
	// when the state is gone. Rooms call it for each move of a cursor, so it must be quick. state
	// never changes. nil: no call.
	Presence func(session, participant string, client uint64, state []byte)

	// Logger receives the few log lines of the relay. They never hold a token. Default
	// slog.Default().
	Logger *slog.Logger
}

// Limits and times that are not options, because no deployment has needed another value.
const (
	expireInterval = 3 * time.Second        // least time between looks for expired states
	retryFirst     = 100 * time.Millisecond // after a failed append; doubled up to retryLast
	retryLast      = 5 * time.Second
	drainTick      = 100 * time.Millisecond // time between two waves of Drain

	drainAtOnce     = 25      // least number of sockets closed in a wave
	burstSeconds    = 5       // seconds of allowance that one burst may use
	maxWaiting      = 512     // waiting entries above which those of each participant are merged
	unloadEntries   = 100     // a log of so many is compacted before its room leaves memory
	keptBack        = 10      // for so many places and client ids there is one more for those who lead,
	bytesKeptBack   = 32      // and for so many bytes of a document one more
	maxRemembered   = 4096    // client ids whose participant a room remembers
	maxFirstClock   = 1 << 24 // first awareness clock of a client: 16 changes a second for 12 days
	maxClockStep    = 1 << 16 // between two states of one connection
	mergeSample     = 16      // one merge in so many is measured, beginning with the first
	maxRootNameSize = 256     // bytes of a root type's name in a selection
)

func (o Options) withDefaults() Options {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&o.MaxDocBytes, 8 << 20}, {&o.MaxOutboxBytes, 1 << 20}, {&o.MaxUnsavedBytes, 4 << 20},
		{&o.MaxConns, 100}, {&o.MaxClientIDs, 4}, {&o.MaxStateBytes, 4096}, {&o.MessagesPerSecond, 2000}, {&o.BytesPerSecond, 2 << 20}, {&o.WorkPerSecond, 1_000_000},
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
	if o.Presence == nil {
		o.Presence = func(string, string, uint64, []byte) {}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
