package question

import (
	"unicode/utf16"

	"go.yaml.in/yaml/v4"
)

// readTests reads tests.yaml.
func readTests(path string, raw []byte, languages []string) ([]Test, []Mistake) {
	root, file, ok := parseYAML(path, raw)
	if !ok {
		return nil, file.mistakes
	}
	var tests []Test
	lines, shown := map[string]int{}, 0
	for _, entry := range root.list(2 * MaxTests) {
		t := readTest(entry, languages)
		if first := lines[t.Name]; first > 0 && t.Name != "" {
			entry.wrong("the name %q is taken by the test in line %d", short(t.Name), first)
		}
		lines[t.Name] = entry.line()
		if !t.Hidden {
			shown++
		}
		tests = append(tests, t)
	}
	if shown > MaxTests || len(tests)-shown > MaxTests {
		root.wrong("use at most %d tests that candidates see and %d hidden ones", MaxTests, MaxTests)
	}
	return tests, file.mistakes
}

// readTest reads one test.
func readTest(v value, languages []string) (t Test) {
	var has struct{ name, input, expected, code *value }
	v.fields(
		field{"name", func(x value) { has.name, t.Name = &x, x.words(100) }},
		field{"input", func(x value) { has.input = &x; t.Input, _ = x.text() }},
		field{"expected", func(x value) { has.expected = &x; t.Expected, _ = x.text() }},
		field{"code", func(x value) { has.code, t.Code = &x, x.code(languages) }},
		field{"hidden", func(x value) { t.Hidden = x.truth() }},
	)
	if v.node.Kind != yaml.MappingNode {
		return t
	}
	switch {
	case has.name == nil:
		v.wrong("the test has no name")
	case has.code == nil && has.expected == nil:
		v.wrong("the test needs expected or code")
	case has.code != nil && has.expected != nil:
		v.wrong("the test may have expected or code, not both")
	}
	for _, x := range []*value{has.input, has.expected} {
		if x != nil {
			x.fitsTest(x.node.Value, t.Hidden)
		}
	}
	for _, code := range t.Code {
		has.code.fitsTest(code, t.Hidden)
	}
	return t
}

// code reads the code of a test: one text for every language, or a text for each.
func (v value) code(languages []string) map[string]string {
	if v.node.Kind == yaml.ScalarNode {
		s, _ := v.text()
		if s == "" {
			v.wrong("write the code of the test here")
		}
		return map[string]string{"": s}
	}
	out := map[string]string{}
	var known []field
	for _, language := range languages {
		known = append(known, field{language, func(x value) { out[language], _ = x.text() }})
	}
	v.fields(known...)
	return out
}

// fitsTest notes a text that is too long for a test.
func (v value) fitsTest(s string, hidden bool) {
	switch {
	case hidden && len(s) > MaxHidden:
		v.wrong("this text has %d bytes; a text of a hidden test may have %d", len(s), MaxHidden)
	case !hidden && units(s) > MaxShown:
		v.wrong("this text has %d characters; a text of a test that candidates see may have %d: shorten it, or say hidden: true", units(s), MaxShown)
	}
}

// units counts UTF-16 units, as browsers do.
func units(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
