package wire

import (
	"cmp"
	"encoding/json"
	"slices"

	"parley/crdt/internal/lib0"
)

// Struct is a struct of an Update. All positions are offsets into the Update. Origin, Right,
// Parent, Name and Sub mean something only where Info, Root and HasSub say so.
type Struct struct {
	Client, Clock, Length uint64
	Origin, Right, Parent ID
	Start                 int // of the struct itself
	Content, ContentEnd   int // its content, without lengths that are in Length
	Name, NameEnd         int // the name of the root it stands in, when Root
	Sub, SubEnd           int // its key, when HasSub
	Info                  uint8
	Type                  uint8 // KindType: the kind of shared type
	Wide                  bool  // KindString: has more than ASCII
	Root                  bool  // the parent is a root
	HasSub                bool
}

// Kind is the kind of the struct, KindGC to KindSkip.
func (f *Struct) Kind() uint8 { return f.Info & InfoKind }

// ReadStruct reads the struct of client at clock and checks all of it. Rules: UPD-4, UPD-5, UPD-6,
// UPD-7, UPD-10.
//
// Source: Yjs 13.6, src/utils/encoding.js (readClientsStructRefs).
func ReadStruct(r *lib0.Reader, f *Struct, client, clock uint64) {
	f.Client, f.Clock = client, clock
	f.Start = r.Pos
	f.Info = r.Byte()
	switch f.Info & InfoKind {
	case KindGC, KindSkip:
		f.Length = r.Uvarint()
	default:
		readOrigins(r, f)
		readContent(r, f)
	}
	if f.Length == 0 || f.Length > MaxClock-clock {
		r.Fail(f.Start, "a struct of one unit at least, ending below 2^53")
	}
}

func readOrigins(r *lib0.Reader, f *Struct) {
	f.HasSub, f.Root = false, false
	at := r.Pos
	if f.Info&InfoOrigin != 0 {
		f.Origin = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.Origin)
	}
	if f.Info&InfoRight != 0 {
		f.Right = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.Right)
	}
	if f.Info&InfoNoParent != 0 {
		return
	}
	if r.Uvarint() == 1 {
		f.Root = true
		name := r.String()
		f.Name, f.NameEnd = r.Pos-len(name), r.Pos
	} else {
		f.Parent = ID{r.Uvarint(), r.Uvarint()}
		checkCause(r, at, f, f.Parent)
	}
	if f.Info&InfoSub != 0 {
		f.HasSub = true
		sub := r.String()
		f.Sub, f.SubEnd = r.Pos-len(sub), r.Pos
	}
}

// checkCause refuses a struct that names itself or a later struct of its own client as a cause. No
// replica makes such a struct, and Yjs fails half way through applying it. Rule: UPD-10.
func checkCause(r *lib0.Reader, at int, f *Struct, cause ID) {
	if cause.Client == f.Client && cause.Clock >= f.Clock {
		r.Fail(at, "a cause before the struct itself")
	}
}

func readContent(r *lib0.Reader, f *Struct) {
	at := r.Pos
	f.Length = 1
	f.Content = at
	switch f.Info & InfoKind {
	case KindDeleted:
		f.Length = r.Uvarint()
	case KindString:
		text, units, ascii := r.Text()
		f.Content, f.Length, f.Wide = r.Pos-len(text), units, !ascii
	case KindAny:
		f.Length = r.Uvarint()
		f.Content = r.Pos
		r.SkipAnys(f.Length)
	case KindJSON:
		f.Length = r.Uvarint()
		f.Content = r.Pos
		for n := f.Length; n > 0 && r.Err == nil; n-- {
			readJSON(r, true)
		}
	case KindBinary:
		r.Bytes()
	case KindEmbed:
		readJSON(r, false)
	case KindFormat:
		r.String()
		readJSON(r, false)
	case KindType:
		readType(r, f)
	case KindDoc:
		r.String()
		r.SkipAny()
	default:
		r.Fail(f.Start, "a struct of kind 0 to 10")
	}
	f.ContentEnd = r.Pos
}

// readType reads the content of a shared type. f.Content to f.ContentEnd is its node name, if it
// has one.
func readType(r *lib0.Reader, f *Struct) {
	at := r.Pos
	t := r.Uvarint()
	if t > TypeXMLText {
		r.Fail(at, "a shared type of kind 0 to 6")
		return
	}
	f.Type = uint8(t)
	f.Content = r.Pos
	if t == TypeXMLElement || t == TypeXMLHook {
		name := r.String()
		f.Content = r.Pos - len(name)
	}
}

// readJSON passes over a string that must be JSON or, if undefined is set, the word undefined.
func readJSON(r *lib0.Reader, undefined bool) {
	at := r.Pos
	text := r.String()
	if r.Err == nil && (!undefined || string(text) != "undefined") && !json.Valid(text) {
		r.Fail(at, "a string that is JSON")
	}
}

// Section is the structs of one client in an Update, and how many of them are taken.
type Section struct {
	Client uint64
	Clock  uint64 // of the next struct
	End    uint64 // clock after the last struct
	Left   int    // structs not taken yet
	Pos    int    // offset of the next struct
	Gone   bool   // its rest has to wait
	// The struct taken last.
	LastPos   int
	LastClock uint64
}

// Scan checks a whole Update and appends its sections to secs, by descending client. ds is the
// offset of the delete set, n the number of structs. last is used as scratch space.
func Scan(update []byte, secs []Section, last *Struct) (out []Section, ds, n int, err error) {
	r := lib0.Reader{Buf: update}
	for s := r.Uvarint(); s > 0 && r.Err == nil; s-- {
		count := r.Uvarint()
		sec := Section{Client: r.Uvarint(), Clock: r.Uvarint(), Pos: r.Pos}
		clock := sec.Clock
		for ; count > 0 && r.Err == nil; count-- {
			ReadStruct(&r, last, sec.Client, clock)
			clock += last.Length
			sec.Left++
		}
		sec.End = clock
		n += sec.Left
		secs = append(secs, sec)
	}
	ds = r.Pos
	skipDeleteSet(&r)
	if r.Err != nil {
		return secs, 0, 0, Malformed("update", r.Err)
	}
	if len(secs) > 1 {
		secs = sortSections(secs)
	}
	return secs, ds, n, nil
}

// sortSections puts sections in the order in which they are integrated: clients descending. Of a
// client that is named twice the last section counts. Rule: UPD-2.
func sortSections(secs []Section) []Section {
	descending := func(a, b Section) int { return cmp.Compare(b.Client, a.Client) }
	if !slices.IsSortedFunc(secs, descending) {
		slices.SortStableFunc(secs, descending)
	}
	out := secs[:0]
	for i, s := range secs {
		if i+1 == len(secs) || secs[i+1].Client != s.Client {
			out = append(out, s)
		}
	}
	return out
}
