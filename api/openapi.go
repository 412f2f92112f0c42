package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// apiVersion is the version of the API, not of the program, so that openapi.json changes only when
// the API changes.
const apiVersion = "1.0"

const openapiType = "application/openapi+json"

// apiConfig describes the API as a whole and calls registered for every operation. Huma's own pages
// are off, because they load scripts from other servers.
func apiConfig(registered func(*huma.Operation)) huma.Config {
	c := huma.DefaultConfig("Parley", apiVersion)
	c.Info.Description = "Collaborative coding interviews: sessions, people, and how they get in. Also mounted at /api, with or without " +
		"a slash at the end. Every error is a problem (RFC 9457) with a stable code."
	c.CreateHooks = nil
	c.OnAddOperation = append(c.OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) { registered(op) })
	c.DocsPath, c.SchemasPath, c.OpenAPIPath = "", "", ""
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token that creating or joining a session gave."},
		"cookie": {Type: "apiKey", In: "cookie", Name: userCookie, Description: "The cookie of an interviewer who has signed in at /auth/login. " +
			"A write with it must come from a page of the service: the browser says so in Sec-Fetch-Site or Origin."},
		"key": {Type: "http", Scheme: "bearer", Description: "An API key of the service, where it has any."},
	}
	return c
}

func init() {
	huma.DefaultArrayNullable = false // a list without entries is [], never null
}

// declareErrors adds the error statuses that follow from the kind of an operation to those that the
// operation declares itself. Huma adds 422 where a request has something to check, and 500.
func declareErrors(op *huma.Operation) {
	add := func(statuses ...int) { op.Errors = append(op.Errors, statuses...) }
	// Every request can fail with these before the operation runs.
	add(http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge, http.StatusServiceUnavailable)
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		add(http.StatusUnsupportedMediaType)
	}
	if strings.Contains(op.Path, "{id}") {
		add(http.StatusNotFound, http.StatusGone)
	}
	if len(op.Security) > 0 {
		add(http.StatusUnauthorized)
	}
	if strings.Contains(op.Path, "{id}") && len(op.Security) > 0 {
		add(http.StatusForbidden)
	}
}

// documents describe the API. They are made once, at the start.
type documents struct {
	openapi []byte // JSON
	docs    []byte // HTML
}

func newDocuments(api huma.API, operations []*huma.Operation) (documents, error) {
	code := api.OpenAPI().Components.Schemas.Map()["Problem"].Properties["code"]
	code.Enum = nil
	for _, c := range problemCodes() {
		code.Enum = append(code.Enum, c)
	}
	spec, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return documents{}, fmt.Errorf("encode openapi.json: %w", err)
	}
	docs, err := renderDocs(api.OpenAPI(), operations)
	if err != nil {
		return documents{}, fmt.Errorf("make the page of the API: %w", err)
	}
	return documents{openapi: spec, docs: docs}, nil
}

func (s *Server) sendOpenAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, openapiType)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendShared(c, s.documents.openapi)
}
