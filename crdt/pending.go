package crdt

import (
	"slices"
)

// pending is what came before its causes: structs as Updates, and deleted ranges.
//
// Yjs merges the pending structs into one Update at each miss, which is quadratic in a run of them.
// Here Updates that hold different clocks are kept in tiers, each at least twice the next; merged in
// any order they give the same bytes. Only where clocks overlap the order matters, and is kept.
type pending struct {
	tiers    [][]byte           // Updates with structs alone
	hulls    map[uint64]IDRange // by client: all clocks in tiers lie in here
	missing  map[uint64]uint64  // by client: worth a try when the document's state has passed this clock
	deletes  []span             // ranges whose structs are not known yet
	unsorted bool               // deletes has to be sorted
	recheck  bool               // a local edit was made: any of missing may have come
}

// waiting is what an Update left that could not be integrated.
type waiting struct {
	update  []byte // structs alone; nil for nothing
	marks   []mark // its sections
	missing map[uint64]uint64
}

func (p *pending) empty() bool { return len(p.tiers) == 0 && len(p.deletes) == 0 }

// ready tells whether a struct that was missing has come, or the document has reached the pending
// structs of some client. Yjs looks at the former alone, and so may leave what could be applied to the
// next load; here all that can be applied is, as after a load. Rule: PEN-2.
func (p *pending) ready(d *Doc) bool {
	if len(p.missing) == 0 {
		return false
	}
	if p.recheck {
		p.recheck = false
		for client, clock := range p.missing {
			if clock < d.state(client) {
				return true
			}
		}
	}
	for _, slot := range d.txn.touched {
		c := &d.clients[slot]
		if clock, ok := p.missing[c.id]; ok && clock < c.next {
			return true
		}
		if h, ok := p.hulls[c.id]; ok && h.From <= c.next {
			return true
		}
	}
	return false
}

// add keeps what an Update left. Rule: PEN-1.
func (p *pending) add(w waiting) {
	if w.update == nil {
		return
	}
	if p.missing == nil {
		p.missing, p.hulls = map[uint64]uint64{}, map[uint64]IDRange{}
	}
	for client, clock := range w.missing {
		if c, ok := p.missing[client]; !ok || c > clock {
			p.missing[client] = clock
		}
	}
	if p.widen(w.marks) {
		p.tiers = append(p.tiers[:0], mustMerge(p.structs(), w.update))
		return
	}
	p.tiers = append(p.tiers, w.update)
	for n := len(p.tiers); n > 1 && len(p.tiers[n-2]) < 2*len(p.tiers[n-1]); n-- {
		p.tiers = append(p.tiers[:n-2], mustMerge(p.tiers[n-2], p.tiers[n-1]))
	}
}

// widen adds the sections of an Update to the hulls, and tells whether any may overlap.
func (p *pending) widen(marks []mark) (overlap bool) {
	for _, m := range marks {
		h, ok := p.hulls[m.Client]
		if !ok {
			p.hulls[m.Client] = m.IDRange
			continue
		}
		overlap = overlap || (m.From < h.To && h.From < m.To)
		p.hulls[m.Client] = IDRange{m.Client, min(h.From, m.From), max(h.To, m.To)}
	}
	return overlap
}

// structs returns the pending structs as one Update, nil when there are none.
func (p *pending) structs() []byte {
	for n := len(p.tiers); n > 1; n-- {
		p.tiers = append(p.tiers[:n-2], mustMerge(p.tiers[n-2], p.tiers[n-1]))
	}
	if len(p.tiers) == 0 {
		return nil
	}
	return p.tiers[0]
}

// take removes the pending structs and returns them.
func (p *pending) take() []byte {
	update := p.structs()
	p.tiers, p.missing, p.hulls = nil, nil, nil
	return update
}

// applyDeletes deletes what has become known of the pending ranges. Only clients touched by this
// transaction can have any. Rule: PEN-3.
func (p *pending) applyDeletes(d *Doc) {
	if len(p.deletes) == 0 {
		return
	}
	p.sort()
	for _, slot := range d.txn.touched {
		c := &d.clients[slot]
		lo, _ := slices.BinarySearchFunc(p.deletes, c.id, func(s span, id uint64) int {
			if s.client > id {
				return -1
			}
			return 1
		})
		hi := lo
		for hi < len(p.deletes) && p.deletes[hi].client == c.id && p.deletes[hi].clock < d.clients[slot].next {
			hi++
		}
		var left []span
		for _, s := range p.deletes[lo:hi] {
			if rest, unknown := d.deleteRange(s); unknown {
				left = append(left, rest)
			}
		}
		p.deletes = slices.Replace(p.deletes, lo, hi, left...)
	}
}

func (p *pending) sort() {
	if p.unsorted {
		p.deletes = sortSpans(p.deletes)
		p.unsorted = false
	}
}

// mustMerge merges Updates that we made ourselves.
func mustMerge(updates ...[]byte) []byte {
	merged, err := MergeUpdates(updates...)
	if err != nil {
		panic("crdt: own update does not decode: " + err.Error())
	}
	return merged
}
