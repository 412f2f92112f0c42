package question

// written is question.yaml as Folder writes it.
type written struct {
	Title     string   `yaml:"title"`
	Summary   string   `yaml:"summary,omitempty"`
	Minutes   int      `yaml:"minutes,omitempty"`
	Level     string   `yaml:"level,omitempty"`
	Tags      []string `yaml:"tags,omitempty"`
	Languages []string `yaml:"languages,omitempty"`
	Parts     any      `yaml:"parts,omitempty"`
	Assistant string   `yaml:"assistant,omitempty"`
	Rubric    string   `yaml:"rubric,omitempty"`
}

// writtenTest is a test in tests.yaml as Folder writes it.
type writtenTest struct {
	Name     string  `yaml:"name"`
	Input    string  `yaml:"input,omitempty"`
	Expected *string `yaml:"expected,omitempty"`
	Code     any     `yaml:"code,omitempty"`
	Hidden   bool    `yaml:"hidden,omitempty"`
}

// Folder returns the folder of a question: its files by their paths. Read again, it gives the same
// question, except for the hash.
func (q Question) Folder() (map[string]string, error) {
	meta := written{
		Title: q.Title, Summary: q.Summary.Summary, Minutes: q.Minutes, Level: q.Level, Tags: q.Tags, Languages: q.Languages,
		Parts: q.Parts, Assistant: q.Assistant, Rubric: q.Rubric,
	}
	if len(q.PartTitles) > 0 {
		meta.Parts = q.PartTitles
	}
	files := map[string]string{}
	var err error
	if files["question.yaml"], err = encode(meta); err != nil {
		return nil, err
	}
	for i, prompt := range q.Prompts {
		files[promptName(i+1)] = prompt
	}
	for language, starters := range q.Files {
		for _, f := range starters {
			files["files/"+language+"/"+f.Name] = f.Text
		}
	}
	for name, text := range map[string]string{"guide.md": q.Guide, "board.excalidraw": q.Board} {
		if text != "" {
			files[name] = text
		}
	}
	if len(q.Checks) == 0 {
		return files, nil
	}
	tests := make([]writtenTest, len(q.Checks))
	for i, t := range q.Checks {
		tests[i] = writtenTest{Name: t.Name, Input: t.Input, Hidden: t.Hidden}
		switch {
		case t.Code == nil:
			tests[i].Expected = &t.Expected
		case t.Code[""] != "":
			tests[i].Code = t.Code[""]
		default:
			tests[i].Code = t.Code
		}
	}
	files["tests.yaml"], err = encode(tests)
	return files, err
}
