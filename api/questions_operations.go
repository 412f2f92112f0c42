package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/question"
)

// The operations on questions.
var (
	listQuestionsOperation = huma.Operation{
		OperationID: "list-questions", Method: http.MethodGet, Path: "/api/v1/questions",
		Errors:  []int{401, 403, 429},
		Summary: "List the questions", Tags: []string{"questions"}, Security: asksQuestions,
		Description: "For interviewers: send an API key or the token of an interviewer. A service without API keys shows the list to everybody who may create a session.",
	}
	getQuestionOperation = huma.Operation{
		OperationID: "get-question", Method: http.MethodGet, Path: "/api/v1/questions/{question}",
		Errors:  []int{401, 403, 404, 429},
		Summary: "Read a question with its guide and all tests", Tags: []string{"questions"}, Security: asksQuestions,
		Description: "Who may read it is said at the list of questions.",
	}
	askOperation = huma.Operation{
		OperationID: "ask-question", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/questions",
		Errors:  []int{409},
		Summary: "Ask a question in a session", Tags: []string{"questions"}, Security: needsToken,
		Description: "Needs the token of an interviewer. The problem, the files and the tests that candidates see go into the live document. " +
			"Everything that is there stays as files. The session keeps a copy of the question.",
	}
	revealOperation = huma.Operation{
		OperationID: "reveal-part", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/reveal",
		Errors:  []int{409},
		Summary: "Reveal the next part of the question", Tags: []string{"questions"}, Security: needsToken,
		Description: "Needs the token of an interviewer. The part is added to the problem that everybody sees. " +
			"With the number of the part in the body, the call may be repeated.",
	}
	guideOperation = huma.Operation{
		OperationID: "get-guide", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/guide",
		Summary: "Read the guide, all parts and the hidden tests of the question", Tags: []string{"questions"}, Security: needsToken,
		Description: "Needs the token of an interviewer. The answer is the session's copy of the question.",
	}

	asksQuestions = []map[string][]string{{}, {"token": {}}, {"key": {}}}
)

type listQuestionsInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
}

type listQuestionsOutput struct{ Body QuestionList }

// QuestionList holds all questions of the service, by title.
type QuestionList struct {
	Questions []QuestionSummary `json:"questions"`
}

// QuestionSummary is a question in a list.
type QuestionSummary struct {
	ID        string   `json:"id" example:"meeting-rooms"`
	Hash      string   `json:"hash" doc:"Of the content of the question: it changes when the question does." example:"0a1b2c3d4e5f"`
	Title     string   `json:"title"`
	Summary   string   `json:"summary" doc:"One line for interviewers."`
	Minutes   int      `json:"minutes" doc:"How long it takes; 0 when this is not said."`
	Level     string   `json:"level" enum:",easy,medium,hard"`
	Tags      []string `json:"tags"`
	Languages []string `json:"languages" doc:"The languages with files to start with." example:"[\"python\"]"`
	Parts     int      `json:"parts" doc:"Parts of the problem, which are revealed one after the other."`
	Tests     int      `json:"tests" doc:"Tests, hidden ones too."`
	BuiltIn   bool     `json:"built_in" doc:"Whether the question comes with the program."`
}

type getQuestionInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Question      string `path:"question" example:"meeting-rooms"`
}

type questionOutput struct{ Body Question }

// Question is all of a question.
type Question struct {
	QuestionSummary
	Assistant string                    `json:"assistant,omitempty" doc:"off, hints or full."`
	Rubric    string                    `json:"rubric,omitempty" doc:"The id of a rubric."`
	PartList  []Part                    `json:"part_list"`
	Guide     string                    `json:"guide" doc:"For interviewers alone, as Markdown."`
	Files     map[string][]QuestionFile `json:"files" doc:"By language. The first file is run."`
	TestList  []QuestionTest            `json:"test_list"`
	Board     string                    `json:"board,omitempty" doc:"A scene of Excalidraw, as JSON."`
}

// Part is a part of the problem.
type Part struct {
	Title    string `json:"title,omitempty"`
	Prompt   string `json:"prompt" doc:"Markdown."`
	Revealed bool   `json:"revealed" doc:"Whether candidates see it. Outside of a session it is false."`
}

// QuestionFile is a file to start with.
type QuestionFile struct {
	Name string `json:"name" example:"main.py"`
	Text string `json:"text"`
}

// QuestionTest is a test of a question.
type QuestionTest struct {
	Name     string            `json:"name"`
	Input    string            `json:"input,omitempty"`
	Expected string            `json:"expected,omitempty"`
	Code     map[string]string `json:"code,omitempty" doc:"Code that stands after the program, by language. The language \"\" means all."`
	Hidden   bool              `json:"hidden"`
}

type askInput struct {
	InSession
	Body AskQuestion
}

// AskQuestion names a question.
type AskQuestion struct {
	Question string `json:"question" doc:"The id of the question." example:"meeting-rooms"`
	Language string `json:"language,omitempty" doc:"The language of the files. The default is the first one of the question." example:"python"`
}

type revealInput struct {
	InSession
	Body *RevealPart
}

// RevealPart names the part to reveal.
type RevealPart struct {
	Part int `json:"part,omitempty" minimum:"0" doc:"The number of the part, from 2 on. The default is the next one."`
}

type guideOutput struct{ Body Guide }

// Guide is what interviewers have of the question that is asked in a session.
type Guide struct {
	Question
	Language string `json:"language" doc:"The language that the question was asked in."`
	Revealed int    `json:"revealed" doc:"How many parts candidates see."`
}

// SessionQuestion is the question of a session.
type SessionQuestion struct {
	ID    string `json:"id" example:"meeting-rooms"`
	Hash  string `json:"hash" example:"0a1b2c3d4e5f"`
	Title string `json:"title"`
}

func summariseQuestion(s question.Summary) QuestionSummary { return QuestionSummary(s) }

// showQuestion returns a question of which revealed parts are known to candidates.
func showQuestion(q question.Question, revealed int) Question {
	out := Question{
		QuestionSummary: summariseQuestion(q.Summary), Assistant: q.Assistant, Rubric: q.Rubric, Guide: q.Guide, Board: q.Board,
		PartList: make([]Part, 0, len(q.Prompts)), TestList: make([]QuestionTest, 0, len(q.Checks)), Files: map[string][]QuestionFile{},
	}
	for i, prompt := range q.Prompts {
		p := Part{Prompt: prompt, Revealed: i < revealed}
		if i < len(q.PartTitles) {
			p.Title = q.PartTitles[i]
		}
		out.PartList = append(out.PartList, p)
	}
	for language, files := range q.Files {
		for _, f := range files {
			out.Files[language] = append(out.Files[language], QuestionFile(f))
		}
	}
	for _, t := range q.Checks {
		out.TestList = append(out.TestList, QuestionTest(t))
	}
	return out
}
