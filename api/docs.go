package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// docsIndex is the API page of the client build: Swagger UI with all its files.
const docsIndex = "docs/index.html"

// docsPolicy lets the API page load files of this service only. Swagger UI sets style attributes
// and draws its icons from data URLs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// sendDocs answers with the API page of the client build. Without a client build, the answer is the
// page of renderDocs.
func (s *Server) sendDocs(c *fiber.Ctx) error {
	f, built := s.client.index[docsIndex]
	if !built {
		return sendPage(c, fiber.StatusOK, string(s.documents.docs))
	}
	s.clientHeaders(c, docsIndex)
	c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
	return s.client.send(c, docsIndex, f)
}

//go:embed pages/docs.html
var docsHTML string

var docsTemplate = template.Must(template.New("docs").Parse(docsHTML))

// docsPage is the data of the page that renderDocs writes.
type docsPage struct {
	Title, Version, Description string
	Operations                  []docsOperation
	Schemas                     []docsSchema
}

type docsOperation struct {
	ID, Method, Path, Summary, Description, Who string
	Parameters, Body                            []docsField
	Responses                                   []docsResponse
}

type docsField struct {
	// Schema is the name of the schema that Type refers to, or "".
	Name, Type, Schema, Doc, Example string
	Required                         bool
}

type docsResponse struct{ Status, Description, Type, Schema string }

type docsSchema struct {
	Name   string
	Fields []docsField
}

// renderDocs writes a page about the API from its OpenAPI document, for a binary without the
// client. The page has no script and loads nothing.
func renderDocs(spec *huma.OpenAPI, operations []*huma.Operation) ([]byte, error) {
	page := docsPage{Title: spec.Info.Title, Version: spec.Info.Version, Description: spec.Info.Description}
	schemas := spec.Components.Schemas.Map()
	bodies := map[string]bool{}
	for _, op := range operations {
		d := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Who: whoMay(op)}
		for _, p := range op.Parameters {
			f := docsFieldOf(p.Name+" (in "+p.In+")", p.Schema)
			f.Required, f.Doc = p.Required, strings.TrimSpace(p.Description+" "+f.Doc)
			d.Parameters = append(d.Parameters, f)
		}
		if op.RequestBody != nil {
			for _, media := range op.RequestBody.Content {
				name := schemaName(media.Schema)
				bodies[name] = true
				d.Body = fieldsOf(schemas[name])
			}
		}
		for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
			d.Responses = append(d.Responses, docsResponseOf(status, op.Responses[status]))
		}
		page.Operations = append(page.Operations, d)
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if !bodies[name] {
			page.Schemas = append(page.Schemas, docsSchema{Name: name, Fields: fieldsOf(schemas[name])})
		}
	}
	var b bytes.Buffer
	if err := docsTemplate.Execute(&b, page); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// whoMay says in words which credential an operation needs.
func whoMay(op *huma.Operation) string {
	var ways []string
	for _, way := range op.Security {
		for name := range way {
			ways = append(ways, map[string]string{"token": "a participant's token", "key": "an API key"}[name])
		}
	}
	switch {
	case len(ways) == 0:
		return "anyone"
	case len(ways) < len(op.Security):
		return "anyone; with an API key if the service has API keys"
	}
	return "with " + strings.Join(ways, " or ")
}

func docsResponseOf(status string, r *huma.Response) docsResponse {
	d := docsResponse{Status: status, Description: r.Description}
	for _, contentType := range slices.Sorted(maps.Keys(r.Content)) {
		d.Type, d.Schema = contentType, schemaName(r.Content[contentType].Schema)
	}
	return d
}

func fieldsOf(s *huma.Schema) []docsField {
	if s == nil {
		return nil
	}
	var fields []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		f := docsFieldOf(name, s.Properties[name])
		f.Required = slices.Contains(s.Required, name)
		fields = append(fields, f)
	}
	return fields
}

func docsFieldOf(name string, s *huma.Schema) docsField {
	f := docsField{Name: name, Type: s.Type, Schema: schemaName(s), Doc: s.Description}
	switch {
	case len(s.Enum) > 0:
		f.Type = enumOf(s)
	case s.Format != "":
		f.Type += ", " + s.Format
	case s.Items != nil:
		f.Type, f.Schema = "list of "+s.Items.Type, schemaName(s.Items)
	}
	if len(s.Examples) > 0 {
		if text, ok := s.Examples[0].(string); ok {
			f.Example = text
		}
	}
	return f
}

func enumOf(s *huma.Schema) string {
	var values []string
	for _, v := range s.Enum {
		if text, ok := v.(string); ok {
			values = append(values, text)
		}
	}
	return strings.Join(values, " | ")
}

// schemaName returns the name of the schema that s refers to, or "" if s is not a reference.
func schemaName(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}
