package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// spec is the part of openapi.json that the tests use.
type spec struct {
	operations []operation
	schemas    map[string]*schema
}

// operation is one operation of the API.
type operation struct {
	method, path string
	OperationID  string
	Parameters   []struct {
		Name, In string
		Required bool
		Schema   *schema
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

// schema is the part of JSON Schema that the document uses. An unknown keyword fails the loading.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        any                `json:"type"`
	Format      string             `json:"format"`
	Enum        []any              `json:"enum"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	Items       *schema            `json:"items"`
	Additional  any                `json:"additionalProperties"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	Default     any                `json:"default"`
	Description string             `json:"description"`
	Examples    []any              `json:"examples"`
	Title       string             `json:"title"`
	Media       string             `json:"contentMediaType"`
}

func loadSpec(t *testing.T) spec {
	t.Helper()
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	s := spec{schemas: map[string]*schema{}}
	for name, raw := range doc.Components.Schemas {
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.DisallowUnknownFields()
		parsed := &schema{}
		if err := d.Decode(parsed); err != nil {
			t.Fatalf("schema %s: %v", name, err)
		}
		s.schemas[name] = parsed
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			op := doc.Paths[path][method]
			op.method, op.path = strings.ToUpper(method), path
			s.operations = append(s.operations, op)
		}
	}
	return s
}

func (s spec) resolve(sc *schema) *schema {
	if name, ok := strings.CutPrefix(sc.Ref, "#/components/schemas/"); ok {
		return s.schemas[name]
	}
	return sc
}

// check returns the first place where v violates the schema, or "".
func (s spec) check(sc *schema, v any, at string) string {
	sc = s.resolve(sc)
	if len(sc.Enum) > 0 && !slices.Contains(sc.Enum, v) {
		return fmt.Sprintf("%s: %v is none of %v", at, v, sc.Enum)
	}
	switch sc.Type {
	case "object":
		return s.checkObject(sc, v, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fmt.Sprintf("%s: %T is no list", at, v)
		}
		for i, entry := range list {
			if wrong := s.check(sc.Items, entry, fmt.Sprintf("%s[%d]", at, i)); wrong != "" {
				return wrong
			}
		}
	case "string":
		text, ok := v.(string)
		if _, err := time.Parse(time.RFC3339Nano, text); !ok || sc.Format == "date-time" && err != nil {
			return fmt.Sprintf("%s: %v is no string of format %q", at, v, sc.Format)
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return fmt.Sprintf("%s: %v is no integer", at, v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Sprintf("%s: %v is no boolean", at, v)
		}
	default:
		return fmt.Sprintf("%s: the schema has type %v", at, sc.Type)
	}
	return ""
}

func (s spec) checkObject(sc *schema, v any, at string) string {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s: %T is no object", at, v)
	}
	for _, name := range sc.Required {
		if _, ok := object[name]; !ok {
			return fmt.Sprintf("%s: %s is missing", at, name)
		}
	}
	for name, entry := range object {
		field, known := sc.Properties[name]
		if !known && sc.Additional == true {
			continue
		}
		if each, isMap := sc.Additional.(map[string]any); !known && isMap {
			// Every value has the form that additionalProperties describes.
			raw, err := json.Marshal(each)
			if err != nil {
				return err.Error()
			}
			field, known = &schema{}, true
			if err := json.Unmarshal(raw, field); err != nil {
				return err.Error()
			}
		}
		if !known {
			return fmt.Sprintf("%s: %s is not in the schema", at, name)
		}
		if wrong := s.check(field, entry, at+"."+name); wrong != "" {
			return wrong
		}
	}
	return ""
}

// conforms returns how an answer differs from the declaration of the operation, or "".
func (s spec) conforms(op operation, a answer) string {
	declared, ok := op.Responses[fmt.Sprint(a.status)]
	if !ok {
		return fmt.Sprintf("status %d is not declared", a.status)
	}
	if len(declared.Content) == 0 {
		if len(a.body) > 0 {
			return "a body where none is declared"
		}
		return ""
	}
	media, ok := declared.Content[a.header.Get("Content-Type")]
	if !ok {
		return fmt.Sprintf("content type %q is not declared for %d", a.header.Get("Content-Type"), a.status)
	}
	if media.Schema == nil || s.resolve(media.Schema).Format == "binary" {
		return ""
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		return err.Error()
	}
	return s.check(media.Schema, v, "$")
}
