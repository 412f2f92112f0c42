package crdt

import (
	"encoding/json"
	"fmt"

	"parley/crdt/internal/lib0"
)

// DecodeError says where an Update or state vector could not be read, and what was expected there.
type DecodeError struct {
	What   string // "update" or "state vector"
	Offset int    // in bytes
	Want   string
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("decode %s: offset %d: expected %s", e.What, e.Offset, e.Want)
}

func decodeError(what string, err *lib0.Error) error {
	if err == nil {
		return nil
	}
	return &DecodeError{what, err.Offset, err.Want}
}

// ref is a struct as it stands in an Update. All positions are offsets into the Update.
type ref struct {
	client, clock, length uint64
	origin, right, parent ID
	start, end            int // the whole struct
	content, contentEnd   int // what the arena keeps of its content, see Doc.bytes
	name, nameEnd         int // the root it stands in, when root
	sub, subEnd           int // its key, when hasSub
	info                  uint8
	typ                   uint8 // kindType: the kind of shared type
	wide                  bool  // kindString: has more than ASCII
	root                  bool  // the parent is a root
	hasSub                bool
}

func (f *ref) kind() uint8 { return f.info & infoKind }

// readStruct reads the struct of client at clock, and checks all of it. Rules: UPD-4 to UPD-7, UPD-10.
//
// Source: Yjs 13.6, src/utils/encoding.js (readClientsStructRefs).
func readStruct(r *lib0.Reader, f *ref, client, clock uint64) {
	f.client, f.clock = client, clock
	f.start = r.Pos
	f.info = r.Byte()
	switch f.info & infoKind {
	case kindGC, kindSkip:
		f.length = r.Uvarint()
	default:
		readOrigins(r, f)
		readContent(r, f)
	}
	f.end = r.Pos
	if f.length == 0 || f.length > maxClock-clock {
		r.Fail(f.start, "a struct of one unit at least, ending below 2^53")
	}
}

func readOrigins(r *lib0.Reader, f *ref) {
	f.hasSub, f.root = false, false
	at := r.Pos
	if f.info&infoOrigin != 0 {
		f.origin = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.origin)
	}
	if f.info&infoRight != 0 {
		f.right = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.right)
	}
	if f.info&infoNoParent != 0 {
		return
	}
	if r.Uvarint() == 1 {
		f.root = true
		name := r.String()
		f.name, f.nameEnd = r.Pos-len(name), r.Pos
	} else {
		f.parent = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.parent)
	}
	if f.info&infoSub != 0 {
		f.hasSub = true
		sub := r.String()
		f.sub, f.subEnd = r.Pos-len(sub), r.Pos
	}
}

// checkCause refuses a struct that names a later one of its own client as a cause: no replica can
// have made it, and Yjs fails half way through applying it. Rule: UPD-10.
func checkCause(r *lib0.Reader, at int, f *ref, cause ID) {
	if cause.Client == f.client && cause.Clock >= f.clock {
		r.Fail(at, "a cause before the struct itself")
	}
}

func readContent(r *lib0.Reader, f *ref) {
	at := r.Pos
	f.length = 1
	f.content = at
	switch f.info & infoKind {
	case kindDeleted:
		f.length = r.Uvarint()
	case kindString:
		text, units, ascii := r.Text()
		f.content, f.length, f.wide = r.Pos-len(text), units, !ascii
	case kindAny:
		f.length = r.Uvarint()
		f.content = r.Pos
		r.SkipAnys(f.length)
	case kindJSON:
		f.length = r.Uvarint()
		f.content = r.Pos
		for n := f.length; n > 0 && r.Err == nil; n-- {
			readJSON(r, true)
		}
	case kindBinary:
		r.Bytes()
	case kindEmbed:
		readJSON(r, false)
	case kindFormat:
		r.String()
		readJSON(r, false)
	case kindType:
		readType(r, f)
	case kindDoc:
		r.String()
		r.SkipAny()
	default:
		r.Fail(f.start, "a struct of kind 0 to 10")
	}
	f.contentEnd = r.Pos
}

// readType reads the content of a shared type: f.content to f.contentEnd is its node name, if any.
func readType(r *lib0.Reader, f *ref) {
	at := r.Pos
	t := r.Uvarint()
	if t > typeXMLText {
		r.Fail(at, "a shared type of kind 0 to 6")
		return
	}
	f.typ = uint8(t)
	f.content = r.Pos
	if t == typeXMLElement || t == typeXMLHook {
		name := r.String()
		f.content = r.Pos - len(name)
	}
}

// readJSON passes over a string that must be JSON, or the word undefined where that is allowed.
func readJSON(r *lib0.Reader, undefined bool) {
	at := r.Pos
	text := r.String()
	if r.Err == nil && (!undefined || string(text) != "undefined") && !json.Valid(text) {
		r.Fail(at, "a string that is JSON")
	}
}

// section is the structs of one client in an Update, and how far they have been taken.
type section struct {
	client uint64
	clock  uint64 // of the next struct
	end    uint64 // clock after the last struct
	left   int    // structs not taken yet
	pos    int    // offset of the next struct
	gone   bool   // given up: its rest is pending
	// The struct taken last.
	lastPos   int
	lastClock uint64
}

// scan checks a whole Update and appends its sections to secs, by descending client. last is left
// with the last struct read, ds is the offset of the delete set, n the number of structs.
func scan(update []byte, secs []section, last *ref) (out []section, ds, n int, err error) {
	r := lib0.Reader{Buf: update}
	for s := r.Uvarint(); s > 0 && r.Err == nil; s-- {
		count := r.Uvarint()
		sec := section{client: r.Uvarint(), clock: r.Uvarint(), pos: r.Pos}
		clock := sec.clock
		for ; count > 0 && r.Err == nil; count-- {
			readStruct(&r, last, sec.client, clock)
			clock += last.length
			sec.left++
		}
		sec.end = clock
		n += sec.left
		secs = append(secs, sec)
	}
	ds = r.Pos
	skipDeleteSet(&r)
	if r.Err != nil {
		return secs, 0, 0, decodeError("update", r.Err)
	}
	if len(secs) > 1 {
		secs = sortSections(secs)
	}
	return secs, ds, n, nil
}
