package question

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxDepth is how deep the values of a file may be nested. The deepest file here has four levels.
const maxDepth = 8

// value is a node of a YAML file, with the file's mistakes.
type value struct {
	node *yaml.Node
	in   *yamlFile
}

// yamlFile collects the mistakes in one file.
type yamlFile struct {
	path     string
	mistakes []Mistake
}

func (f *yamlFile) wrong(line int, format string, args ...any) {
	f.mistakes = append(f.mistakes, Mistake{Path: f.path, Line: line, What: fmt.Sprintf(format, args...)})
}

// parseYAML returns the one document of a file. It reports false after a mistake. Aliases and tags
// are refused, because a few bytes of aliases can stand for gigabytes.
func parseYAML(path string, raw []byte) (value, *yamlFile, bool) {
	f := &yamlFile{path: path}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		line, what := explain(err)
		f.wrong(line, "%s", what)
		return value{}, f, false
	}
	if len(doc.Content) != 1 || !f.plain(doc.Content[0], 0) {
		return value{}, f, false
	}
	return value{doc.Content[0], f}, f, true
}

// explain returns the line and the message of an error of the library.
func explain(err error) (int, string) {
	load := (*yaml.LoadError)(nil)
	if !errors.As(err, &load) {
		return 0, oneLine(err.Error())
	}
	what := load.Message
	switch {
	case strings.Contains(what, "no documents"):
		return 0, "the file is empty"
	case strings.Contains(what, "found multiple"):
		return 0, "the file may hold one document only; remove the line ---"
	}
	return load.Mark.Line, "this is no YAML: " + oneLine(what)
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(s, "yaml: ")), " ")
}

// plain reports whether a node holds neither aliases nor anchors, tags or too many levels.
func (f *yamlFile) plain(n *yaml.Node, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		f.wrong(n.Line, "anchors and aliases (& and *) are not allowed here; write the value out")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		f.wrong(n.Line, "tags (!) are not allowed here")
		return false
	case depth > maxDepth:
		f.wrong(n.Line, "this is nested too deep")
		return false
	}
	for _, c := range n.Content {
		if !f.plain(c, depth+1) {
			return false
		}
	}
	return true
}

func (v value) line() int { return v.node.Line }

func (v value) wrong(format string, args ...any) { v.in.wrong(v.line(), format, args...) }

// field is a key of a mapping and what reads its value.
type field struct {
	name string
	read func(value)
}

// fields reads a mapping. Unknown and repeated keys are mistakes.
func (v value) fields(known ...field) {
	if v.node.Kind != yaml.MappingNode {
		v.wrong("write keys and values here, as name: value")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := value{v.node.Content[i], v.in}
		name := key.node.Value
		at := slices.IndexFunc(known, func(f field) bool { return f.name == name })
		switch {
		case key.node.Kind != yaml.ScalarNode || at < 0:
			key.wrong("unknown key %q; the keys are %s", short(name), names(known))
		case seen[name]:
			key.wrong("the key %s stands here twice", name)
		default:
			known[at].read(value{v.node.Content[i+1], v.in})
		}
		seen[name] = true
	}
}

func names(known []field) string {
	list := make([]string, len(known))
	for i, f := range known {
		list[i] = f.name
	}
	return strings.Join(list, ", ")
}

// short cuts a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// text returns a scalar as it is written. It reports false after a mistake.
func (v value) text() (string, bool) {
	if v.node.Kind != yaml.ScalarNode || v.node.Tag == "!!null" {
		v.wrong("write a text here")
		return "", false
	}
	return strings.ToValidUTF8(v.node.Value, "\ufffd"), true
}

// words returns a text of one line, of at most limit characters.
func (v value) words(limit int) string {
	s, ok := v.text()
	switch {
	case ok && strings.TrimSpace(s) == "":
		v.wrong("write a text here")
	case strings.ContainsFunc(strings.TrimSpace(s), isControl):
		v.wrong("write one line of text without control characters")
	case len([]rune(s)) > limit:
		v.wrong("use at most %d characters", limit)
	}
	return strings.TrimSpace(s)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func (v value) oneOf(allowed []string) string {
	s, ok := v.text()
	if ok && !slices.Contains(allowed, s) {
		v.wrong("use one of %s", strings.Join(allowed, ", "))
	}
	return s
}

func (v value) number(from, to int) int {
	n, err := strconv.Atoi(v.node.Value)
	if v.node.Kind != yaml.ScalarNode || err != nil || n < from || n > to {
		v.wrong("use a number from %d to %d", from, to)
	}
	return n
}

func (v value) truth() bool {
	if v.node.Kind != yaml.ScalarNode || v.node.Value != "true" && v.node.Value != "false" {
		v.wrong("use true or false")
	}
	return v.node.Value == "true"
}

// list returns the values of a sequence of at most limit.
func (v value) list(limit int) (out []value) {
	if v.node.Kind != yaml.SequenceNode {
		v.wrong("write a list here, each entry after a hyphen")
		return nil
	}
	if len(v.node.Content) > limit {
		v.wrong("use at most %d entries", limit)
		return nil
	}
	for _, n := range v.node.Content {
		out = append(out, value{n, v.in})
	}
	return out
}
