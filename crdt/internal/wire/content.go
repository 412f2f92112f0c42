package wire

import "parley/crdt/internal/lib0"

// Replacement is U+FFFD, which each half of a surrogate pair becomes when the pair is cut.
const Replacement = "\xef\xbf\xbd"

// Cut finds the byte at which a number of UTF-16 units have passed. When that is inside a surrogate
// pair, at is the start of the character and torn is true.
func Cut(text []byte, units uint64) (at int, torn bool) {
	for at < len(text) && units > 0 {
		switch c := text[at]; {
		case c < 0x80:
			at++
		case c < 0xe0:
			at += 2
		case c < 0xf0:
			at += 3
		case units == 1:
			return at, true
		default:
			at += 4
			units--
		}
		units--
	}
	return at, false
}

// CutNear is Cut for text whose length in units is known. It scans from the nearer end, and does
// not scan ASCII.
func CutNear(text []byte, units, total uint64) (at int, torn bool) {
	if uint64(len(text)) == total {
		return int(units), false
	}
	if units <= total/2 {
		return Cut(text, units)
	}
	at = len(text)
	for rest := total - units; rest > 0; rest-- {
		at--
		for text[at]&0xc0 == 0x80 {
			at--
		}
		if text[at] >= 0xf0 { // a surrogate pair
			if rest == 1 {
				return at, true
			}
			rest--
		}
	}
	return at, false
}

// Elements returns the length in bytes of the first n elements of Any or JSON content.
func Elements(b []byte, kind uint8, n uint64) int {
	r := lib0.Reader{Buf: b}
	if kind == KindAny {
		r.SkipAnys(n)
		return r.Pos
	}
	for ; n > 0; n-- {
		r.Bytes()
	}
	return r.Pos
}
