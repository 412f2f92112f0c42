package question

// MaxCriteria limits the criteria of a rubric.
const MaxCriteria = 20

// Rubric says what an interviewer looks for.
type Rubric struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Criteria []Criterion `json:"criteria"`
}

// Criterion is one thing to judge.
type Criterion struct {
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	Levels [4]string `json:"levels"` // what 1, 2, 3 and 4 look like; "" where it is not said
}

// readRubric reads rubrics/<id>.yaml.
func readRubric(path, id string, raw []byte) (Rubric, []Mistake) {
	r := Rubric{ID: id}
	root, file, ok := parseYAML(path, raw)
	if !ok {
		return r, file.mistakes
	}
	root.fields(
		field{"title", func(v value) { r.Title = v.words(120) }},
		field{"criteria", func(v value) {
			taken := map[string]bool{}
			for _, entry := range v.list(MaxCriteria) {
				c := readCriterion(entry)
				if taken[c.ID] {
					entry.wrong("the id %q is taken by another criterion", c.ID)
				}
				taken[c.ID] = true
				r.Criteria = append(r.Criteria, c)
			}
		}},
	)
	if len(file.mistakes) == 0 && (r.Title == "" || len(r.Criteria) == 0) {
		file.wrong(0, "a rubric needs a title and criteria")
	}
	return r, file.mistakes
}

func readCriterion(v value) (c Criterion) {
	level := func(n int) field {
		return field{string(rune('1' + n)), func(x value) { c.Levels[n] = x.words(1000) }}
	}
	v.fields(
		field{"id", func(x value) { c.ID = x.words(64) }},
		field{"title", func(x value) { c.Title = x.words(120) }},
		field{"levels", func(x value) { x.fields(level(0), level(1), level(2), level(3)) }},
	)
	if !ValidID(c.ID) || c.Title == "" {
		v.wrong("a criterion needs an id of lower-case letters, digits and hyphens, and a title")
	}
	return c
}
