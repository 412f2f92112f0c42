package crdt

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"parley/crdt/internal/wire"
)

// XMLFragment is a shared list of XML nodes: XMLElement and XMLText.
type XMLFragment struct {
	handle
}

// XMLElement is a node with a name, attributes and children.
type XMLElement struct {
	XMLFragment
}

// XMLText is a text among XML nodes; its formats are nodes around it.
type XMLText struct {
	Text
}

// NewXMLFragment, NewXMLElement and NewXMLText return nodes to be put into a document; their
// children and attributes can be set once they are there.
func NewXMLFragment() *XMLFragment { return &XMLFragment{newType(prelim{kind: wire.TypeXMLFragment})} }

// NewXMLElement returns an element of that node name, see NewXMLFragment.
func NewXMLElement(name string) *XMLElement {
	return &XMLElement{XMLFragment{newType(prelim{kind: wire.TypeXMLElement, name: name})}}
}

// NewXMLText returns a text node, see NewXMLFragment.
func NewXMLText(s string) *XMLText {
	return &XMLText{Text{newType(prelim{kind: wire.TypeXMLText, text: s})}}
}

// XMLFragment returns the root fragment of that name.
func (d *Doc) XMLFragment(name string) *XMLFragment {
	return &XMLFragment{handle: d.handle(d.openRoot(name, wire.TypeXMLFragment))}
}

// Len is the number of children.
func (x *XMLFragment) Len() int        { return x.length() }
func (x *XMLFragment) asArray() *Array { return &Array{handle: x.handle} }

// Insert puts new nodes in front of the child at index. Errors are those of Array.Insert.
func (x *XMLFragment) Insert(index int, nodes ...any) error {
	for _, n := range nodes {
		switch n.(type) {
		case *XMLFragment, *XMLElement, *XMLText:
		default:
			return fmt.Errorf("%w: %T is no XML node", ErrValue, n)
		}
	}
	return x.asArray().Insert(index, nodes...)
}

// Delete removes length children from index on. The error is ErrRange or ErrDeleted.
func (x *XMLFragment) Delete(index, length int) error { return x.asArray().Delete(index, length) }

// Get returns the child at index, nil when there is none.
func (x *XMLFragment) Get(index int) any { return x.asArray().Get(index) }

// String writes the children as XML, in the form that Yjs gives them (nothing is escaped).
func (x *XMLFragment) String() string { return x.xml() }

func (h handle) xml() string {
	if !h.live() {
		return ""
	}
	return h.d.xmlString(h.typ, 0)
}

// Name is the node name.
func (e *XMLElement) Name() string {
	if !e.live() {
		return ""
	}
	return e.d.keyName(e.d.types[e.typ].name)
}

// SetAttribute gives an attribute a value. The error is that of Map.Set.
func (e *XMLElement) SetAttribute(name string, value any) error { return e.setEntry(name, value) }

// RemoveAttribute takes an attribute away. The error is ErrDeleted.
func (e *XMLElement) RemoveAttribute(name string) error { return e.deleteEntry(name) }

// Attribute returns the value of an attribute, nil when it has none.
func (e *XMLElement) Attribute(name string) any { return e.entryValue(name) }

// AttributeNames returns the names of the attributes that are set.
func (e *XMLElement) AttributeNames() []string { return e.entryKeys() }

// SetAttribute gives the text an attribute of its own, which its formats are not. The error is that
// of Map.Set.
func (t *XMLText) SetAttribute(name string, value any) error { return t.setEntry(name, value) }

// RemoveAttribute takes an attribute away. The error is ErrDeleted.
func (t *XMLText) RemoveAttribute(name string) error { return t.deleteEntry(name) }

// Attribute returns the value of an attribute, nil when it has none.
func (t *XMLText) Attribute(name string) any { return t.entryValue(name) }

// AttributeNames returns the names of the attributes that are set.
func (t *XMLText) AttributeNames() []string { return t.entryKeys() }

// String writes the element as XML, in the form that Yjs gives it.
func (e *XMLElement) String() string { return e.xml() }

// String writes the text with its formats as nodes, in the form that Yjs gives it.
func (t *XMLText) String() string { return t.xml() }

// maxDepth bounds how deep a document is read. What is nested deeper reads as empty. Yjs ends in a
// stack overflow at a few thousand levels.
const maxDepth = 4000

// xmlString writes type t as Yjs' toString does.
func (d *Doc) xmlString(t int32, depth int) string {
	var b strings.Builder
	d.writeXML(&b, t, depth)
	return b.String()
}

// Source: Yjs 13.6, src/types/YXmlElement.js, YXmlFragment.js and YXmlText.js (toString).
func (d *Doc) writeXML(b *strings.Builder, t int32, depth int) {
	if depth > maxDepth {
		return
	}
	switch d.types[t].kind {
	case wire.TypeXMLText:
		d.writeXMLText(b, t)
	case wire.TypeText:
		b.WriteString(d.textOf(t))
	case wire.TypeXMLElement:
		name := strings.ToLower(d.keyName(d.types[t].name))
		b.WriteString("<" + name)
		d.writeXMLAttributes(b, t)
		b.WriteString(">")
		d.writeChildren(b, t, depth)
		b.WriteString("</" + name + ">")
	case wire.TypeXMLFragment, typeUnknown:
		d.writeChildren(b, t, depth)
	default:
		b.WriteString("[object Object]")
	}
}

func (d *Doc) writeChildren(b *strings.Builder, t int32, depth int) {
	for i := d.listStart(t); i != 0; i = d.items[i].right {
		it := &d.items[i]
		switch {
		case it.deleted() || !it.countable():
		case it.kind() == wire.KindType:
			d.writeXML(b, int32(it.off), depth+1)
		default:
			d.eachValueOf(it, func(v any) { b.WriteString(jsString(v)) })
		}
	}
}

func (d *Doc) writeXMLAttributes(b *strings.Builder, t int32) {
	var out []string
	d.eachEntry(t, func(key int32, it *item) {
		out = append(out, d.keyName(key)+"\x00"+jsString(d.valueAt(it, it.length-1)))
	})
	slices.Sort(out)
	for _, kv := range out {
		key, value, _ := strings.Cut(kv, "\x00")
		b.WriteString(" " + key + `="` + value + `"`)
	}
}

func (d *Doc) writeXMLText(b *strings.Builder, t int32) {
	text := Text{handle: d.handle(t)}
	for _, op := range text.Delta() {
		nodes := make([]string, 0, len(op.Attributes))
		for name := range op.Attributes {
			nodes = append(nodes, name)
		}
		slices.Sort(nodes)
		for _, name := range nodes {
			b.WriteString("<" + name)
			values := formatAttributes(op.Attributes[name])
			keys := make([]string, 0, len(values))
			for k := range values {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				b.WriteString(" " + k + `="` + jsString(values[k]) + `"`)
			}
			b.WriteString(">")
		}
		b.WriteString(jsString(op.Insert))
		for _, name := range slices.Backward(nodes) {
			b.WriteString("</" + name + ">")
		}
	}
}

// formatAttributes are the XML attributes of a format: the entries of an object or array, and of a
// string its UTF-16 units by number, as JavaScript enumerates them.
func formatAttributes(v any) map[string]any {
	text, ok := v.(string)
	if !ok {
		values, _ := flat(v)
		return values
	}
	values := map[string]any{}
	for i, u := range utf16.Encode([]rune(text)) {
		values[strconv.Itoa(i)] = string(utf16.Decode([]uint16{u}))
	}
	return values
}

// jsString is JavaScript's String(v).
func jsString(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case Undefined:
		return "undefined"
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return wire.JSNumber(v)
	case *big.Int:
		return v.String()
	case []byte:
		parts := make([]string, len(v))
		for i, c := range v {
			parts[i] = strconv.Itoa(int(c))
		}
		return strings.Join(parts, ",")
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			if _, undef := e.(Undefined); e != nil && !undef {
				parts[i] = jsString(e)
			}
		}
		return strings.Join(parts, ",")
	case fmt.Stringer: // shared types
		return v.String()
	}
	return "[object Object]"
}
