package api

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"
)

// healthz reports that the process is alive. It does not check the store, because a restart of the
// process cannot repair the store.
func (s *Server) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"status": "ok"})
}

// readyz reports whether this node should receive traffic: the node is not draining and its store
// answers.
func (s *Server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if s.draining.Load() {
		return fmt.Errorf("%w: draining", errUnready)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), readyTimeout)
	defer cancel()
	if err := s.opts.Ready(ctx); err != nil {
		return fmt.Errorf("%w: store: %w", errUnready, err)
	}
	return c.JSON(fiber.Map{"status": "ready"})
}
