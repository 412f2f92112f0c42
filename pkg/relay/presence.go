package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
	"unicode/utf8"

	"parley/pkg/protocol"
)

// Rules for the presence that clients publish.
//
// Clients send what they hear of others back to the server; y-websocket does so with every change.
// A state that is not newer than the known one is therefore ignored, from any client. A newer state
// must have a client id that the connection holds or may claim, and a clock not far past the last
// one. Its content must not be able to harm the pages of others (checkState). Any other state is
// dropped and counted, and the connection goes on.

// Reasons for refusing a state.
var (
	errNotYours = errors.New("client id of another connection")
	errJump     = errors.New("clock too far ahead")
)

// receivePresence takes an awareness update from a connection and passes the newer states on to
// everybody. The sender gets them too, because y-websocket gives up a connection after 30 s without
// a message.
func (r *Room) receivePresence(c *conn, update []byte) {
	if err := checkAwareness(update); err != nil {
		r.malformed(c, err)
		return
	}
	news, _ := protocol.ReadAwareness(update)
	var changed []uint64
	now := time.Now()
	for news.Len() > 0 {
		e, _ := news.Next()
		if !r.presence.Newer(e) {
			continue
		}
		if err := r.mayPublish(c, e); err != nil {
			r.relay.stats.add(PresenceRefused, 1)
			if r.relay.opts.Logger.Enabled(context.Background(), slog.LevelDebug) {
				r.logger().Debug("presence refused", "participant", c.grant.Participant, "client", e.Client, "err", err)
			}
			continue
		}
		r.claims.claim(c, e.Client)
		if r.presence.Apply(e, now) != protocol.Ignored {
			changed = append(changed, e.Client)
			r.watch(c, e.Client)
		}
	}
	r.publishPresence(changed)
	r.tellNodesOf(changed...)
}

// watch tells of the state of a client of c, if c is watched.
func (r *Room) watch(c *conn, client uint64) {
	if c.grant.Watched {
		e, _ := r.presence.Entry(client)
		r.relay.opts.Presence(r.id.Session, c.grant.Participant, client, e.State)
	}
}

// checkAwareness decodes an awareness update to its end.
func checkAwareness(update []byte) error {
	all, err := protocol.ReadAwareness(update)
	for err == nil && all.Len() > 0 {
		_, err = all.Next()
	}
	return err
}

// publishPresence sends the states of some clients to every connection.
func (r *Room) publishPresence(clients []uint64) {
	entries := r.entries(clients)
	if len(entries) == 0 {
		return
	}
	frame := presenceFrame(entries)
	for _, c := range r.conns {
		c.out.pushAwareness(frame, entries)
	}
	r.queued += len(frame) * len(r.conns)
}

// entries returns the known states of some clients. Unknown clients are left out.
func (r *Room) entries(clients []uint64) []protocol.AwarenessEntry {
	list := make([]protocol.AwarenessEntry, 0, len(clients))
	for _, client := range clients {
		if e, known := r.presence.Entry(client); known {
			list = append(list, e)
		}
	}
	return list
}

// mayPublish returns why a connection may not publish an entry, nil when it may.
func (r *Room) mayPublish(c *conn, e protocol.AwarenessEntry) error {
	held := r.claims.holder[e.Client] == c
	if !r.claims.mayClaim(c, e.Client, r.relay.opts.MaxClientIDs) || !held && e.Removed() {
		return errNotYours
	}
	last, _ := r.presence.Clock(e.Client)
	if held && e.Clock > last+maxClockStep || !held && e.Clock > maxFirstClock {
		return errJump
	}
	if e.Removed() {
		return nil
	}
	if len(e.State) > r.relay.opts.MaxStateBytes {
		return fmt.Errorf("state of %d bytes", len(e.State))
	}
	who := c.grant.Participant
	if c.grant.Open {
		who = ""
	}
	return checkState(e.State, who)
}

// checkState returns what is wrong with a state. The state must be a JSON object in UTF-8. user.id,
// if present, must be the participant's; the participant "" skips this check. selection, if
// present, must be well formed.
//
// Names are compared byte by byte, and the last of two equal names counts, as in JSON.parse.
func checkState(state []byte, participant string) error {
	var fields map[string]json.RawMessage
	if !utf8.Valid(state) {
		return errors.New("state is not UTF-8")
	}
	if err := json.Unmarshal(state, &fields); err != nil {
		return fmt.Errorf("state is not a JSON object: %w", err)
	}
	if user, ok := fields["user"]; ok && participant != "" {
		if err := checkUser(user, participant); err != nil {
			return err
		}
	}
	if selection, ok := fields["selection"]; ok {
		return checkSelection(selection)
	}
	return nil
}

// checkUser refuses an id that is not the participant's own.
func checkUser(user []byte, participant string) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(user, &fields); err != nil {
		return errors.New("user is not an object")
	}
	raw, ok := fields["id"]
	if !ok {
		return nil
	}
	var id string
	if err := json.Unmarshal(raw, &id); err != nil || id != participant {
		return errors.New("user.id is not the participant's")
	}
	return nil
}

// checkSelection accepts what y-monaco publishes and can read back: null, or an object whose anchor
// and head are null or relative positions. y-monaco resolves them without a check, and an exception
// there stops the editors of everybody else.
func checkSelection(selection []byte) error {
	var ends map[string]json.RawMessage
	if err := json.Unmarshal(selection, &ends); err != nil {
		return errors.New("selection is not an object")
	}
	for _, name := range []string{"anchor", "head"} {
		if err := checkPosition(ends[name]); err != nil {
			return fmt.Errorf("selection %s %w", name, err)
		}
	}
	return nil
}

// checkPosition accepts a relative position as JSON.stringify writes it: type, tname and item are
// all present, and at least one of them is not null. Yjs takes a missing one for a name or an id.
//
// Source: Yjs 13.6, src/utils/RelativePosition.js (createAbsolutePositionFromRelativePosition).
func checkPosition(position []byte) error {
	if len(position) == 0 || isNull(position) {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(position, &fields); err != nil {
		return errors.New("is not an object")
	}
	item, itemOK := checkID(fields["item"])
	typ, typeOK := checkID(fields["type"])
	name, nameOK := checkName(fields["tname"])
	if !itemOK || !typeOK || !nameOK || !item && !typ && !name {
		return errors.New("is not a relative position")
	}
	if assoc, ok := fields["assoc"]; ok && !isNull(assoc) {
		if _, err := strconv.ParseFloat(string(assoc), 64); err != nil {
			return errors.New("has an assoc that is not a number")
		}
	}
	return nil
}

// checkID reports in there whether raw is an id, and in ok whether it is an id or null.
func checkID(raw []byte) (there, ok bool) {
	if isNull(raw) {
		return false, true
	}
	var id map[string]json.RawMessage
	if json.Unmarshal(raw, &id) != nil {
		return false, false
	}
	for _, part := range []string{"client", "clock"} {
		if n, err := strconv.ParseUint(string(id[part]), 10, 64); err != nil || n > 1<<53-1 {
			return false, false
		}
	}
	return true, true
}

// checkName reports in there whether raw is the name of a root type, and in ok whether it is a name
// or null.
func checkName(raw []byte) (there, ok bool) {
	if isNull(raw) {
		return false, true
	}
	var name string
	if len(raw) > maxRootNameSize || json.Unmarshal(raw, &name) != nil {
		return false, false
	}
	return true, true
}

func isNull(raw []byte) bool { return string(bytes.TrimSpace(raw)) == "null" }
