package question

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"
)

// meta is what question.yaml says.
type meta struct {
	Summary
	partTitles  []string
	parts       int // 0: not said
	partsLine   int
	assistant   string
	rubric      string
	rubricLine  int
	langLine    int
	titleIsRead bool
}

// readMeta reads question.yaml.
func readMeta(path string, raw []byte) (m meta, mistakes []Mistake) {
	root, file, ok := parseYAML(path, raw)
	if !ok {
		return m, file.mistakes
	}
	root.fields(
		field{"title", func(v value) { m.Title, m.titleIsRead = v.words(120), true }},
		field{"summary", func(v value) { m.Summary.Summary = v.words(240) }},
		field{"minutes", func(v value) { m.Minutes = v.number(1, 480) }},
		field{"level", func(v value) { m.Level = v.oneOf(Levels) }},
		field{"tags", func(v value) { m.Tags = v.set(20, tagForm, "lower-case letters, digits, blanks and hyphens") }},
		field{"languages", func(v value) {
			m.langLine = v.line()
			m.Languages = v.set(40, languageForm, "the ids of languages, such as javascript or python")
		}},
		field{"parts", func(v value) { m.readParts(v) }},
		field{"assistant", func(v value) { m.assistant = v.oneOf(Assistants) }},
		field{"rubric", func(v value) {
			m.rubricLine, m.rubric = v.line(), v.words(64)
			if !ValidID(m.rubric) {
				v.wrong("name a file of rubrics without its .yaml: lower-case letters, digits and hyphens")
			}
		}},
	)
	if !m.titleIsRead && len(file.mistakes) == 0 {
		file.wrong(0, "the key title is missing")
	}
	return m, file.mistakes
}

// readParts reads the number of the parts, or their titles.
func (m *meta) readParts(v value) {
	m.partsLine = v.line()
	if v.node.Kind != yaml.SequenceNode {
		m.parts = v.number(1, MaxParts)
		return
	}
	for _, title := range v.list(MaxParts) {
		m.partTitles = append(m.partTitles, title.words(120))
	}
	m.parts = len(m.partTitles)
}

// set returns a list of different texts of a form.
func (v value) set(limit int, form *regexp.Regexp, what string) (out []string) {
	for _, entry := range v.list(limit) {
		s, ok := entry.text()
		switch {
		case !ok:
		case !form.MatchString(s):
			entry.wrong("%q is not allowed: use %s", short(s), what)
		case slices.Contains(out, s):
			entry.wrong("%s stands here twice", s)
		}
		out = append(out, s)
	}
	return out
}
