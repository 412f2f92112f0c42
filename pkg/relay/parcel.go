package relay

import (
	"sync"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// mergeFrom is the number of waiting updates from which on they are merged into one. Fewer are sent
// as they are, in one write. Copying a keystroke takes some 10 ns, merging it 1,100 ns
// (BenchmarkFanOut). Merging is therefore for readers that have fallen behind, not for the few
// updates that arrive during a write.
const mergeFrom = 64

// parcel is everything that waits for one reader and goes out in one write.
type parcel struct {
	first    [][]byte
	step2    []byte
	updates  []queuedUpdate
	presence []queuedPresence
	denied   []byte
	saved    []byte
	bytes    int       // of updates and presence, the kinds that can pile up
	since    time.Time // when the oldest update in it was received; zero without updates

	frames [][]byte // result of pack
}

// queuedUpdate is an update and its frame. Both are shared and never change.
type queuedUpdate struct{ frame, update []byte }

// queuedPresence is an awareness message and its entries. Both are shared and never change.
type queuedPresence struct {
	frame   []byte
	entries []protocol.AwarenessEntry
}

// parcels keeps parcels for reuse. A connection for which nothing waits holds none.
var parcels = sync.Pool{New: func() any { return new(parcel) }}

// note keeps the time of the oldest update.
func (p *parcel) note(at time.Time) {
	if p.since.IsZero() {
		p.since = at
	}
}

// release gives the parcel back to the pool, without its frames.
func (p *parcel) release() {
	clear(p.first)
	clear(p.updates)
	clear(p.presence)
	clear(p.frames)
	*p = parcel{first: p.first[:0], updates: p.updates[:0], presence: p.presence[:0], frames: p.frames[:0]}
	parcels.Put(p)
}

// dropBulk drops updates and presence.
func (p *parcel) dropBulk() {
	clear(p.updates)
	clear(p.presence)
	p.updates, p.presence, p.bytes, p.since = p.updates[:0], p.presence[:0], 0, time.Time{}
}

// pack returns the frames to send. Frames of the same kind are merged.
func (p *parcel) pack(stats *counters) [][]byte {
	frames := append(p.frames[:0], p.first...)
	if p.step2 != nil {
		frames = append(frames, p.step2)
	}
	frames = p.packUpdates(frames, stats)
	frames = p.packPresence(frames)
	for _, frame := range [][]byte{p.denied, p.saved} {
		if frame != nil {
			frames = append(frames, frame)
		}
	}
	p.frames = frames
	return frames
}

func (p *parcel) packUpdates(frames [][]byte, stats *counters) [][]byte {
	if len(p.updates) >= mergeFrom {
		if frame, ok := mergeQueued(p.updates); ok {
			stats.add(UpdatesMerged, len(p.updates))
			return append(frames, frame)
		}
	}
	for _, u := range p.updates {
		frames = append(frames, u.frame)
	}
	return frames
}

// mergeQueued makes one update message out of many. ok is false when the updates cannot be merged.
func mergeQueued(updates []queuedUpdate) (frame []byte, ok bool) {
	bodies := make([][]byte, len(updates))
	for i, u := range updates {
		bodies[i] = u.update
	}
	merged, err := crdt.MergeUpdates(bodies...)
	if err != nil {
		return nil, false
	}
	return protocol.AppendUpdate(make([]byte, 0, len(merged)+10), merged), true
}

// packPresence merges awareness messages. The newest state of each client stays.
func (p *parcel) packPresence(frames [][]byte) [][]byte {
	switch len(p.presence) {
	case 0:
		return frames
	case 1:
		return append(frames, p.presence[0].frame)
	}
	var newest []protocol.AwarenessEntry
	at := map[uint64]int{}
	for _, q := range p.presence {
		for _, e := range q.entries {
			i, seen := at[e.Client]
			if !seen {
				at[e.Client] = len(newest)
				newest = append(newest, e)
				continue
			}
			newest[i] = e
		}
	}
	return append(frames, presenceFrame(newest))
}

// presenceFrame encodes an awareness message.
func presenceFrame(entries []protocol.AwarenessEntry) []byte {
	n := 16
	for _, e := range entries {
		n += len(e.State) + 24
	}
	update := protocol.AppendAwarenessUpdate(make([]byte, 0, n), entries...)
	return protocol.AppendAwareness(make([]byte, 0, len(update)+8), update)
}

// totalBytes is the number of bytes in frames.
func totalBytes(frames [][]byte) int {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	return n
}
