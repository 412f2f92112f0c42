package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Formats of what is sent.
const (
	FormatJSON = "json" // the whole event
	// FormatSlack is one line with a link, for the incoming webhooks of Slack, Mattermost and
	// Teams.
	FormatSlack = "slack"
)

// slackEvent is what a line says of the data of an event.
type slackEvent struct {
	Session struct {
		ID    string `json:"id"`
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"session"`
	Participant struct {
		Name string `json:"name"`
		Role string `json:"role"`
	} `json:"participant"`
	Scorecard struct {
		Author struct {
			Name string `json:"name"`
		} `json:"author"`
	} `json:"scorecard"`
}

// slackBody returns the body of an incoming webhook: {"text"}. A link stands bare, because each of
// the three services has a syntax of its own for links with a text.
func slackBody(event string, data []byte) ([]byte, error) {
	var e slackEvent
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	title := plain(e.Session.Title)
	if title == "" {
		title = "Interview " + plain(e.Session.ID)
	}
	text := title + ": " + plain(event)
	switch event {
	case "session.created":
		text = title + " was created."
	case "participant.joined":
		text = fmt.Sprintf("%s joined %s as %s.", plain(e.Participant.Name), title, plain(e.Participant.Role))
	case "session.ended":
		text = title + " has ended."
	case "scorecard.submitted":
		text = fmt.Sprintf("%s submitted a scorecard for %s.", plain(e.Scorecard.Author.Name), title)
	case "session.expired":
		text = title + " is over its time and was deleted."
	case "session.deleted":
		text = title + " was deleted."
	}
	if e.Session.URL != "" {
		text += " " + escape.Replace(e.Session.URL)
	}
	var body strings.Builder
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(struct {
		Text string `json:"text"`
	}{text}); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(body.String(), "\n")), nil
}

// escape writes the three characters that Slack reads as control characters.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// defuse keeps the text of a person from becoming a mention or a link: a blank without width breaks
// what the services look for.
var defuse = strings.NewReplacer("@", "@\u200b", "](", "]\u200b(", "://", ":\u200b//", "\n", " ", "\r", " ")

// plain returns text that a chat shows as it is.
func plain(text string) string { return escape.Replace(defuse.Replace(text)) }
