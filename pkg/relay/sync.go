package relay

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// deniedFrame answers an update of a read-only connection.
var deniedFrame = protocol.AppendDenied(nil, "read only")

// emptyUpdate is an update without structs and deletions, as Yjs writes it.
var emptyUpdate = []byte{0, 0}

// receive acts on a message that arrived at the given time. Unknown types, steps and kinds are
// ignored.
func (r *Room) receive(c *conn, frame []byte, at time.Time) {
	m, err := protocol.Decode(frame)
	if err != nil {
		r.malformed(c, err)
		return
	}
	switch {
	case m.Type == protocol.TypeSync && m.Step == protocol.Step1:
		r.answer(c, m.Body)
	case m.Type == protocol.TypeSync && (m.Step == protocol.Step2 || m.Step == protocol.Update):
		r.takeIn(c, m, frame, at)
	case m.Type == protocol.TypeAwareness:
		r.receivePresence(c, m.Body)
	case m.Type == protocol.TypeQueryAwareness:
		present := r.entriesFor(c, r.presence.Clients())
		frame := presenceFrame(present)
		if r.charge(c, len(frame)/encodedPerUnit) {
			c.out.pushAwareness(frame, present)
		}
	}
}

// malformed closes a connection that sent a message that cannot be decoded.
func (r *Room) malformed(c *conn, cause error) {
	r.relay.stats.add(MessagesMalformed, 1)
	c.close(CloseMalformed, cause)
}

// answer sends step 2 in answer to a step 1.
func (r *Room) answer(c *conn, stateVector []byte) {
	doc := r.docFor(c)
	if doc == r.doc && len(stateVector) == 1 && stateVector[0] == 0 {
		c.out.pushStep2(r.fullFrame())
		return
	}
	update, err := doc.EncodeStateAsUpdate(stateVector)
	if err != nil {
		r.malformed(c, err)
		return
	}
	if r.charge(c, len(update)/encodedPerUnit) {
		c.out.pushStep2(protocol.AppendStep2(make([]byte, 0, len(update)+8), update))
	}
}

// fullFrame returns step 2 with the whole document. The frame is kept until the document changes,
// so that clients that join at the same time share it.
func (r *Room) fullFrame() []byte {
	if r.full == nil {
		state, err := r.doc.EncodeStateAsUpdate(nil)
		if err != nil {
			panic(fmt.Sprintf("encode without a state vector: %v", err)) // cannot happen
		}
		r.full = protocol.AppendStep2(make([]byte, 0, len(state)+8), state)
		r.size = docSize{encoded: len(state)}
		r.bytes.Store(int64(len(state)))
	}
	return r.full
}

// state returns the whole document as one update. The bytes are shared and never change.
func (r *Room) state() []byte {
	m, err := protocol.Decode(r.fullFrame())
	if err != nil {
		panic(fmt.Sprintf("decode an encoded frame: %v", err))
	}
	return m.Body
}

// takeIn applies an update that a connection sent, as an update message or as step 2, and passes it
// on.
func (r *Room) takeIn(c *conn, m protocol.Message, frame []byte, at time.Time) {
	update, err := r.admit(c, m)
	switch {
	case err != nil:
		r.malformed(c, err)
		return
	case update == nil:
		return
	case bytes.Equal(update, emptyUpdate):
		r.handled(c)
		return
	}
	if !r.fits(len(update), c.leads()) && !onlyDeletes(update) {
		r.relay.stats.add(DocsTooLarge, 1)
		c.close(CloseTooLarge, ErrDocTooLarge)
		return
	}
	switch err := r.checkBounds(c, update); {
	case err == errClients || err == errRoots || err == errItems || err == errPending:
		r.relay.stats.add(DocsTooComplex, 1)
		c.close(CloseTooLarge, err)
		return
	case err != nil:
		r.malformed(c, err)
		return
	}
	switch err := r.applyWithin(c, update); {
	case errors.Is(err, crdt.ErrTooComplex):
		r.relay.stats.add(DocsTooComplex, 1)
		c.close(CloseTooLarge, err)
		return
	case err != nil:
		r.malformed(c, err)
		return
	}
	r.countPending(update)
	r.noteWaiting(c, at)
	if m.Step != protocol.Update || len(update) != len(m.Body) || !protocol.IsUpdateFrame(frame, update) {
		frame = protocol.AppendUpdate(make([]byte, 0, len(update)+8), update)
	}
	r.spread(c, c.grant.Participant, frame, update, at)
	r.handled(c)
}

// apply merges an update into the document. It measures one merge in mergeSample, because measuring
// costs as much as merging a keystroke.
func (r *Room) apply(update []byte) error {
	if r.merges++; r.merges%mergeSample != 1 {
		return r.doc.ApplyUpdate(update)
	}
	start := r.relay.clock()
	if err := r.doc.ApplyUpdate(update); err != nil {
		return err
	}
	r.relay.measured(Merge, start)
	return nil
}

// admit returns the part of an update that may go into the document. The result is nil when nothing
// may; the client has then been told if it has to be. The result is the empty update when nothing
// in the update is new.
func (r *Room) admit(c *conn, m protocol.Message) ([]byte, error) {
	update := m.Body
	if bytes.Equal(update, emptyUpdate) {
		return update, nil
	}
	if c.grant.ReadOnly || m.Step == protocol.Step2 {
		news, encoded, err := isNews(r.doc, update)
		switch {
		case err != nil:
			return nil, err
		case !r.charge(c, encoded/encodedPerUnit):
			return nil, nil
		case !news:
			return emptyUpdate, nil
		case c.grant.ReadOnly:
			r.relay.stats.add(UpdatesDenied, 1)
			c.out.pushDenied(deniedFrame)
			return nil, nil
		}
	}
	if !c.grant.Exclusive {
		return update, nil
	}
	return r.fence(c, m)
}

// isNews reports whether an update holds a struct or a deletion that a document lacks. For an
// update that the document holds only as pending, the answer may be true. encoded is how many bytes
// of the document were encoded for the answer.
func isNews(doc *crdt.Doc, update []byte) (news bool, encoded int, err error) {
	vector := doc.EncodeStateVector()
	rest, err := crdt.DiffUpdate(update, vector)
	if err != nil || bytes.Equal(rest, emptyUpdate) {
		return false, len(vector), err
	}
	if ranges, err := crdt.UpdateClients(rest); err != nil || len(ranges) > 0 {
		return true, len(vector), err
	}
	// Only deletions are left. They are known when merging them in changes nothing.
	known, err := doc.EncodeStateAsUpdate(vector)
	if err != nil {
		return false, 0, err
	}
	both, err := crdt.MergeUpdates(known, rest)
	return !bytes.Equal(both, known), len(known) + len(both), err
}

// onlyDeletes reports whether an update holds no structs. Such an update makes room.
func onlyDeletes(update []byte) bool {
	ranges, err := crdt.UpdateClients(update)
	return err == nil && len(ranges) == 0
}

// fits reports whether n more bytes of updates keep the document within its limit. The estimate is
// corrected by encoding the document, but only after the document has grown by a 64th of the limit,
// so that not every update pays for an encoding. Participants who lead have a little more room than
// the others, so that nobody can fill the document up for those who lead.
func (r *Room) fits(n int, leads bool) bool {
	limit := r.relay.opts.MaxDocBytes
	if leads {
		limit += limit / bytesKeptBack
	}
	if r.size.encoded+r.size.grown+n <= limit {
		return true
	}
	if r.size.grown > 0 {
		r.full = nil
		r.fullFrame()
	}
	return r.size.encoded+n <= limit-limit/64
}

// spread passes an applied update on to every connection but its sender, and has it stored. The
// server received the update at the given time.
func (r *Room) spread(from *conn, by string, frame, update []byte, at time.Time) {
	r.full = nil
	r.size.grown += len(update)
	r.bytes.Store(int64(r.size.encoded + r.size.grown))
	r.relay.stats.add(UpdatesApplied, 1)
	r.passOn(from, by, frame, update, at)
	r.queued += len(frame) * len(r.conns)
	r.enqueue(Entry{Update: update, At: at, By: by})
	r.flush(at)
}

// edit runs fn as one transaction of the server's own replica. The channel gets one value when the
// change is stored.
func (r *Room) edit(by string, fn func(*crdt.Doc) error) (<-chan error, error) {
	if !r.fits(0, true) {
		return nil, ErrDocTooLarge
	}
	doc := r.doc
	if r.veil.shown != nil && !r.veil.hides(by) {
		doc = r.veil.shown
	}
	var updates [][]byte
	cancel := doc.OnUpdate(func(update []byte, _ any) { updates = append(updates, update) })
	defer cancel()
	var failed error
	doc.Transact(by, func() { failed = fn(doc) })
	for _, update := range updates {
		if doc != r.doc {
			if err := applyLogged(r.doc, update); err != nil {
				return nil, fmt.Errorf("edit what is shown: %w", err)
			}
		}
		r.spread(nil, by, protocol.AppendUpdate(make([]byte, 0, len(update)+8), update), update, time.Now())
	}
	return r.whenSaved(), failed
}

// resync sends a reader what it has missed while it was too slow: one update out of the document,
// and the states that changed.
func (r *Room) resync(c *conn) {
	lag := c.out.takeLag()
	if lag == nil || !c.joined {
		return
	}
	r.relay.stats.add(Resyncs, 1)
	if lag.doc {
		update, err := r.docFor(c).EncodeStateAsUpdate(r.vectorBefore(lag))
		if err != nil {
			r.logger().Error("resync a slow reader", "err", err)
			c.close(CloseUnavailable, err) // the client reconnects and asks for everything
			return
		}
		c.out.pushResync(protocol.AppendUpdate(make([]byte, 0, len(update)+8), update), lag.since)
	}
	changed := make([]uint64, 0, len(lag.presence))
	for client := range lag.presence {
		changed = append(changed, client)
	}
	if entries := r.entriesFor(c, changed); len(entries) > 0 {
		c.out.pushAwareness(presenceFrame(entries), entries)
	}
}

// vectorBefore is the document's state vector without what the reader has missed.
func (r *Room) vectorBefore(lag *lag) []byte {
	have, err := crdt.ReadStateVector(r.doc.EncodeStateVector())
	if err != nil || lag.all {
		return nil
	}
	for client, clock := range lag.from {
		if have[client] > clock {
			have[client] = clock
		}
	}
	return appendStateVector(nil, have)
}

// appendStateVector appends the encoding of a state vector.
func appendStateVector(dst []byte, vector map[uint64]uint64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(vector)))
	for client, clock := range vector {
		dst = binary.AppendUvarint(dst, client)
		dst = binary.AppendUvarint(dst, clock)
	}
	return dst
}
