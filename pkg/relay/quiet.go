package relay

import (
	"encoding/json"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Quiet time: others do not see a candidate's typing live.
//
// While it lasts, what candidates write in the main document and where their cursors are reaches
// the connections of candidates only (Grant.Veiled). The room keeps a second document for everybody
// else. It is a copy from the beginning of the quiet time, and takes in what the others write. Who
// joins or reloads is answered from it. At the end everybody gets what the copy lacks as one
// update. Storing and "saved" do not change.
//
// A room that opens while quiet time lasts has no copy from its beginning. It starts with the
// present state.

// Quiet is the quiet time of a session.
type Quiet struct {
	Until   time.Time       // the zero Time ends it
	Open    map[string]bool // participants whose writing everybody sees; not changed after the call
	Version int64           // of the record that it was read from; older ones are ignored
}

// Quiet sets the quiet time of a session. Every node does so when it learns of a change of the
// record, and in Grant.Confirm. Quiet does nothing for a session that is not live here.
func (r *Relay) Quiet(session string, q Quiet) {
	if room := r.noteQuiet(session, q); room != nil {
		room.post(room.readQuiet)
	}
}

// noteQuiet keeps the quiet time of a session for its rooms. It returns the room that is to read
// it.
func (r *Relay) noteQuiet(session string, q Quiet) *Room {
	r.mu.Lock()
	defer r.mu.Unlock()
	live := r.sessions[session]
	if live == nil || q.Version < live.quiet.Version {
		return nil
	}
	was := live.quiet
	live.quiet = q
	if q.Until.IsZero() && was.Until.IsZero() {
		return nil
	}
	return live.rooms[""]
}

// Sight says what a reader of a document sees. The zero Sight sees everything.
type Sight struct {
	Shown bool  // without what quiet time hides
	Quiet Quiet // of the session, as the reader's record says
}

// seenAs returns the document that a reader sees. The reader must not change it.
func (r *Room) seenAs(as Sight) *crdt.Doc {
	if !as.Shown {
		return r.doc
	}
	// The room may just have been opened for this reader, without a connection that has told of the
	// quiet time.
	if r.relay.noteQuiet(r.id.Session, as.Quiet) == r {
		r.readQuiet()
	}
	if r.veil.shown != nil {
		return r.veil.shown
	}
	return r.doc
}

// stateAs returns the encoded document that a reader sees.
func (r *Room) stateAs(as Sight) ([]byte, error) {
	if doc := r.seenAs(as); doc != r.doc {
		return doc.EncodeStateAsUpdate(nil)
	}
	return r.state(), nil
}

// quietOf returns the quiet time of a session.
func (r *Relay) quietOf(session string) Quiet {
	r.mu.Lock()
	defer r.mu.Unlock()
	if live := r.sessions[session]; live != nil {
		return live.quiet
	}
	return Quiet{}
}

// veil is what a room knows of the quiet time. The room's events own it.
type veil struct {
	shown *crdt.Doc // what those see who are not veiled; nil when there is no quiet time
	until time.Time
	open  map[string]bool
}

// hides reports whether what a participant writes is hidden. An entry without a participant may be
// anybody's when it comes from another node.
func (v *veil) hides(participant string) bool { return v.shown != nil && !v.open[participant] }

// readQuiet takes over the quiet time that the relay knows of. Reading it here, and not when the
// event was made, keeps the last one.
func (r *Room) readQuiet() {
	q := r.relay.quietOf(r.id.Session)
	switch {
	case r.id.Doc != "" || r.closing != 0:
	case !time.Now().Before(q.Until):
		r.endQuiet()
	case r.veil.shown == nil:
		shown := crdt.NewDoc()
		if err := applyState(shown, r.state()); err != nil {
			r.logger().Error("begin quiet time", "err", err)
			return
		}
		r.veil = veil{shown: shown, until: q.Until, open: q.Open}
		r.publishPresence(r.presence.Clients())
	default:
		r.veil.until, r.veil.open = q.Until, q.Open
	}
}

// endQuiet sends everybody what was hidden.
func (r *Room) endQuiet() {
	shown := r.veil.shown
	if shown == nil {
		return
	}
	r.veil = veil{}
	update, err := newsFor(shown, r.doc)
	if err != nil {
		r.logger().Error("end quiet time", "err", err)
	}
	var frame []byte
	if update != nil {
		frame = protocol.AppendUpdate(make([]byte, 0, len(update)+8), update)
	}
	for _, c := range r.conns {
		switch {
		case c.grant.Veiled:
		case err != nil:
			c.close(CloseUnavailable, err) // the client reconnects and asks for everything
		case frame != nil:
			c.out.pushResync(frame, time.Now())
			r.queued += len(frame)
		}
	}
	r.publishPresence(r.presence.Clients())
}

// passOn queues an update of a participant for every connection but its sender's.
func (r *Room) passOn(from *conn, by string, frame, update []byte, at time.Time) {
	hidden := false
	if r.veil.shown != nil {
		hidden = r.hide(by, update)
	}
	for _, c := range r.conns {
		if c != from && (!hidden || c.grant.Veiled) {
			c.out.pushUpdate(frame, update, at)
		}
	}
}

// hide reports whether an update of a participant is hidden during the quiet time. Otherwise the
// document that others see takes it in.
func (r *Room) hide(by string, update []byte) bool {
	if r.veil.hides(by) {
		return true
	}
	if err := applyLogged(r.veil.shown, update); err != nil {
		r.logger().Error("show an update during quiet time", "err", err)
		r.endQuiet()
	}
	return false
}

// docFor returns the document that a connection sees.
func (r *Room) docFor(c *conn) *crdt.Doc {
	if r.veil.shown != nil && !c.grant.Veiled {
		return r.veil.shown
	}
	return r.doc
}

// entriesFor returns the states of some clients as a connection sees them.
func (r *Room) entriesFor(c *conn, clients []uint64) []protocol.AwarenessEntry {
	entries := r.entries(clients)
	if r.veil.shown != nil && !c.grant.Veiled {
		return r.unveiled(entries)
	}
	return entries
}

// unveiled returns states without the places where the hidden participants are.
func (r *Room) unveiled(entries []protocol.AwarenessEntry) []protocol.AwarenessEntry {
	out := make([]protocol.AwarenessEntry, len(entries))
	for i, e := range entries {
		if !e.Removed() && r.veil.hides(r.claims.owner[e.Client]) {
			e.State = withoutPlace(e.State)
		}
		out[i] = e
	}
	return out
}

// withoutPlace returns a state with nothing but who somebody is, and whether they are active.
func withoutPlace(state []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(state, &fields) != nil {
		return []byte("{}")
	}
	kept := map[string]json.RawMessage{"selection": json.RawMessage("null")}
	for _, name := range []string{"user", "file", "activity", "quiet"} {
		if value, ok := fields[name]; ok {
			kept[name] = value
		}
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return []byte("{}")
	}
	return out
}

// publishVeiled sends states to every connection during the quiet time.
func (r *Room) publishVeiled(entries []protocol.AwarenessEntry) {
	unveiled := r.unveiled(entries)
	frames := map[bool][]byte{true: presenceFrame(entries), false: presenceFrame(unveiled)}
	for _, c := range r.conns {
		seen := unveiled
		if c.grant.Veiled {
			seen = entries
		}
		c.out.pushAwareness(frames[c.grant.Veiled], seen)
	}
	r.queued += len(frames[true]) * len(r.conns)
}
