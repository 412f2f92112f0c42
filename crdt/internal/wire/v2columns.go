package wire

import (
	"unicode/utf16"

	"parley/crdt/internal/lib0"
)

// uintColumn writes runs of equal numbers. A run of one is the number. A longer run is the negative
// number (0 becomes -0) and its length less 2.
//
// Source: lib0 0.2, encoding.js (UintOptRleEncoder).
type uintColumn struct {
	b     []byte
	v     uint64
	count uint64
}

func (c *uintColumn) write(v uint64) {
	if c.v == v {
		c.count++
		return
	}
	c.flush()
	c.v, c.count = v, 1
}

func (c *uintColumn) flush() {
	if c.count == 0 {
		return
	}
	c.b = lib0.AppendVarint(c.b, c.v, c.count > 1)
	if c.count > 1 {
		c.b = lib0.AppendUvarint(c.b, c.count-2)
	}
	c.count = 0
}

func (c *uintColumn) bytes() []byte {
	c.flush()
	return c.b
}

// diffColumn writes runs of equal distances from number to number. The lowest bit of a distance
// says whether the length of the run, less 2, follows.
//
// Source: lib0 0.2, encoding.js (IntDiffOptRleEncoder).
type diffColumn struct {
	b     []byte
	v     uint64
	diff  int64
	count uint64
}

func (c *diffColumn) write(v uint64) {
	if d := int64(v) - int64(c.v); d != c.diff {
		c.flush()
		c.diff = d
	}
	c.v = v
	c.count++
}

func (c *diffColumn) flush() {
	if c.count == 0 {
		return
	}
	coded := c.diff * 2
	if c.count > 1 {
		coded++
	}
	c.b = lib0.AppendVarint(c.b, uint64(max(coded, -coded)), coded < 0)
	if c.count > 1 {
		c.b = lib0.AppendUvarint(c.b, c.count-2)
	}
	c.count = 0
}

func (c *diffColumn) bytes() []byte {
	c.flush()
	return c.b
}

// byteColumn writes runs of equal bytes. The length of a run, less 1, stands in front of the next
// run. The last run has no length and no end.
//
// Source: lib0 0.2, encoding.js (RleEncoder).
type byteColumn struct {
	b     []byte
	v     byte
	count uint64
}

func (c *byteColumn) write(v byte) {
	if c.count > 0 && c.v == v {
		c.count++
		return
	}
	if c.count > 0 {
		c.b = lib0.AppendUvarint(c.b, c.count-1)
	}
	c.b = append(c.b, v)
	c.v, c.count = v, 1
}

// stringColumn writes all strings as one string, and a column of their lengths in UTF-16 units.
//
// Source: lib0 0.2, encoding.js (StringEncoder).
type stringColumn struct {
	text    []byte
	lengths uintColumn
}

func (c *stringColumn) write(s []byte) {
	c.text = append(c.text, s...)
	c.lengths.write(lib0.Units(s))
}

func (c *stringColumn) bytes() []byte {
	return append(lib0.AppendBytes(nil, c.text), c.lengths.bytes()...)
}

// atEnd fails at the end of a column, where JavaScript would read zeros. Rule: V2-5.
func atEnd(r *lib0.Reader) {
	if r.Pos == len(r.Buf) {
		r.Fail(r.Pos, "one more number in a column")
	}
}

// The readers of columns fail at the end of their bytes, but for byteReader, whose last run has no
// end.

type uintReader struct {
	lib0.Reader
	v     uint64
	count uint64
}

func (c *uintReader) read() uint64 {
	if c.count == 0 {
		atEnd(&c.Reader)
		v, negative := c.Varint()
		c.v, c.count = v, 1
		if negative {
			c.count = c.Uvarint() + 2
		}
	}
	c.count--
	return c.v
}

type diffReader struct {
	lib0.Reader
	v     int64
	diff  int64
	count uint64
}

func (c *diffReader) read() uint64 {
	if c.count == 0 {
		atEnd(&c.Reader)
		coded, negative := c.Varint()
		v := int64(coded)
		if negative {
			v = -v
		}
		c.diff, c.count = v>>1, 1
		if v&1 != 0 {
			c.count = c.Uvarint() + 2
		}
	}
	c.count--
	c.v += c.diff
	if c.v < 0 || c.v > MaxClock {
		c.Fail(c.Pos, "a clock from 0 to 2^53-1")
		c.v = 0
	}
	return uint64(c.v)
}

type byteReader struct {
	lib0.Reader
	v       byte
	count   uint64
	forever bool
}

func (c *byteReader) read() byte {
	if c.forever {
		return c.v
	}
	if c.count == 0 {
		c.v = c.Byte()
		if c.Pos == len(c.Buf) {
			c.forever = true
			return c.v
		}
		c.count = c.Uvarint() + 1
	}
	c.count--
	return c.v
}

type stringReader struct {
	lengths uintReader
	text    []byte
	units   []uint16 // text in UTF-16, when it is not all ASCII
	pos     uint64
}

func newStringReader(column []byte) stringReader {
	c := stringReader{lengths: uintReader{Reader: lib0.Reader{Buf: column}}}
	text, _, ascii := c.lengths.Text()
	c.text = text
	if !ascii {
		c.units = utf16.Encode([]rune(string(text)))
	}
	return c
}

// read returns the next string. What lies past the end is missing from it, as with slice in
// JavaScript. Half of a surrogate pair becomes U+FFFD.
func (c *stringReader) read() []byte {
	n := c.lengths.read()
	total := uint64(len(c.text))
	if c.units != nil {
		total = uint64(len(c.units))
	}
	from := min(c.pos, total)
	to := min(c.pos+n, total)
	c.pos = min(c.pos+n, MaxClock)
	if c.units == nil {
		return c.text[from:to]
	}
	return []byte(string(utf16.Decode(c.units[from:to])))
}
