package scorecard

import (
	"fmt"
	"strings"
	"time"
)

var decisions = map[Decision]string{
	"": "no decision yet", StrongNo: "strong no", No: "no", Yes: "yes", StrongYes: "strong yes", NotAssessed: "not assessed",
}

// Markdown returns the book for a reader. escape escapes what people wrote.
func (b Book) Markdown(escape func(string) string) string {
	var out strings.Builder
	out.WriteString("# Scorecards\n")
	if len(b.Cards) == 0 {
		out.WriteString("\nNobody has written a scorecard.\n")
	}
	for _, c := range b.Cards {
		state := "draft, saved " + c.SavedAt.UTC().Format(time.DateTime) + " UTC"
		if c.Submitted() {
			state = "submitted " + c.SubmittedAt.UTC().Format(time.DateTime) + " UTC"
		}
		fmt.Fprintf(&out, "\n## %s: %s\n\n_%s_\n", escape(c.Author.Name), decisions[c.Decision], state)
		b.paragraph(&out, c.Words, c.Moments, escape)
		for _, r := range c.Ratings {
			title, look := r.Criterion, ""
			for _, criterion := range b.Rubric.Criteria {
				if criterion.ID == r.Criterion {
					title = criterion.Title
					if r.Level > 0 {
						look = criterion.Levels[r.Level-1]
					}
				}
			}
			level := "not assessed"
			if r.Level > 0 {
				level = fmt.Sprintf("%d of 4", r.Level)
			}
			fmt.Fprintf(&out, "\n### %s: %s\n", escape(title), level)
			if look != "" {
				fmt.Fprintf(&out, "\n> %s\n", escape(look))
			}
			b.paragraph(&out, r.Evidence, r.Moments, escape)
		}
	}
	if len(b.Comments) > 0 {
		out.WriteString("\n# Comments\n\n")
	}
	for _, c := range b.Comments {
		fmt.Fprintf(&out, "- %s %s: %s\n", clock(c.Moment), escape(c.Author.Name), escape(c.Text))
	}
	return out.String()
}

// paragraph writes text and the moments that it is about.
func (b Book) paragraph(out *strings.Builder, text string, moments []int64, escape func(string) string) {
	if strings.TrimSpace(text) != "" {
		out.WriteString("\n")
		for line := range strings.Lines(text) {
			out.WriteString(escape(strings.TrimRight(line, "\n")) + "\n")
		}
	}
	if len(moments) > 0 {
		at := make([]string, len(moments))
		for i, m := range moments {
			at[i] = clock(m)
		}
		fmt.Fprintf(out, "\nAt %s.\n", strings.Join(at, ", "))
	}
}

// clock returns a moment as h:mm:ss, or m:ss within the first hour.
func clock(ms int64) string {
	s := ms / 1000
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
