package wire

import "parley/crdt/internal/lib0"

// StructReader walks the structs of an Update in the order of the wire.
//
// Source: Yjs 13.6, src/utils/updates.js (LazyStructReader).
type StructReader struct {
	r         lib0.Reader
	sections  uint64 // not begun yet
	left      uint64 // structs left in this section
	client    uint64
	clock     uint64
	skipSkips bool
	seq       int // which of several Updates it is, for a merge
	Struct    Struct
	Done      bool
}

// NewStructReader returns a reader that stands at the first struct of an Update that is no Skip.
func NewStructReader(update []byte) *StructReader {
	s := new(StructReader)
	s.reset(update, true)
	return s
}

// newGapReader is NewStructReader, but stops at Skips too.
func newGapReader(update []byte) *StructReader {
	s := new(StructReader)
	s.reset(update, false)
	return s
}

// reset makes s read update from its start.
func (s *StructReader) reset(update []byte, skipSkips bool) {
	s.r = lib0.Reader{Buf: update}
	s.left, s.Done, s.skipSkips = 0, false, skipSkips
	s.sections = s.r.Uvarint()
	s.Next()
}

// Next reads the next struct into Struct. Done is set at the end and at an error.
func (s *StructReader) Next() {
	for {
		for s.left == 0 {
			if s.sections == 0 || s.r.Err != nil {
				s.Done = true
				return
			}
			s.sections--
			s.left = s.r.Uvarint()
			s.client, s.clock = s.r.Uvarint(), s.r.Uvarint()
		}
		s.left--
		ReadStruct(&s.r, &s.Struct, s.client, s.clock)
		if s.Struct.Kind() == KindSkip && s.Struct.Info != KindSkip {
			s.r.Fail(s.Struct.Start, "a Skip without flags") // Rule: UPD-4
		}
		if s.r.Err != nil {
			s.Done = true
			return
		}
		s.clock += s.Struct.Length
		if !s.skipSkips || s.Struct.Kind() != KindSkip {
			return
		}
	}
}

// err is what stopped the reader before the end, nil when nothing did.
func (s *StructReader) err() error { return Malformed("update", s.r.Err) }

// Spans reads the delete set once the structs are done, and appends its ranges as they stand on the
// wire.
func (s *StructReader) Spans(out []Span) ([]Span, error) {
	start := s.r.Pos
	if s.r.Err == nil {
		skipDeleteSet(&s.r)
	}
	if err := s.err(); err != nil {
		return nil, err
	}
	s.r.Pos = start
	EachDeleted(&s.r, func(sp Span) { out = append(out, sp) })
	return out, nil
}
