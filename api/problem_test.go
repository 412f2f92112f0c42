package api

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A rate limited route outside of huma says how long to wait, as the operations do.
func TestWriteErrorSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	s := &Server{log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	app := fiber.New(fiber.Config{ErrorHandler: s.writeError})
	app.Get("/", func(*fiber.Ctx) error { return &limitedError{wait: 1500 * time.Millisecond} })
	res, err := app.Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get("Retry-After"); res.StatusCode != 429 || got != "2" {
		t.Errorf("status %d, Retry-After %q; want 429 and 2", res.StatusCode, got)
	}
}
