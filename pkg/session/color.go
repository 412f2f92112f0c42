package session

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// palette holds the default colours of participants. They are easy to tell apart, and readable as a
// cursor on a dark and on a light background.
var palette = []string{
	"#4f8ff7", "#e5734a", "#3fa66b", "#b46be0", "#d9a017", "#e0559a", "#1fa3b5", "#8a8f3c", "#d0524f", "#7a7fe6",
}

// maxColor limits the text of a colour in bytes.
const maxColor = 64

// cleanColor returns a colour as #rrggbb in lower case. It reads the forms of CSS: #rgb, #rrggbb,
// rgb(), hsl() and names; transparency is left out. If s is "", the colour is the first of the
// palette that no participant in taken has.
func cleanColor(field, s string, taken []Participant) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		for _, c := range palette {
			if !slices.ContainsFunc(taken, func(p Participant) bool { return p.Color == c }) {
				return c, nil
			}
		}
		return palette[len(taken)%len(palette)], nil
	}
	if c, ok := parseColor(s); ok && len(s) <= maxColor {
		return c, nil
	}
	return "", &FieldError{Field: field, Detail: "use a colour of CSS, such as #4f8ff7, hsl(217, 91%, 64%) or teal"}
}

func parseColor(s string) (string, bool) {
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		return parseHex(hex)
	}
	name, inner, ok := strings.Cut(s, "(")
	if !ok {
		c, ok := colorNames()[s]
		return "#" + c, ok
	}
	inner, ok = strings.CutSuffix(inner, ")")
	parts := strings.FieldsFunc(inner, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if !ok || len(parts) != 3 && len(parts) != 4 {
		return "", false
	}
	if len(parts) == 4 {
		if _, ok := parseNumber(parts[3], 1); !ok {
			return "", false
		}
	}
	switch name {
	case "rgb", "rgba":
		return parseRGB(parts)
	case "hsl", "hsla":
		return parseHSL(parts)
	}
	return "", false
}

// parseHex reads rgb, rgba, rrggbb or rrggbbaa.
func parseHex(hex string) (string, bool) {
	if _, err := strconv.ParseUint(hex, 16, 64); err != nil || strings.HasPrefix(hex, "+") {
		return "", false
	}
	switch len(hex) {
	case 3, 4:
		return "#" + strings.Repeat(hex[0:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2), true
	case 6, 8:
		return "#" + hex[:6], true
	}
	return "", false
}

// parseNumber reads a number, or a percentage of whole.
func parseNumber(s string, whole float64) (float64, bool) {
	number, percent := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(number, "_xp") {
		return 0, false
	}
	if percent {
		f = f * whole / 100
	}
	return f, true
}

func parseRGB(parts []string) (string, bool) {
	var rgb [3]float64
	for i := range rgb {
		f, ok := parseNumber(parts[i], 255)
		if !ok {
			return "", false
		}
		rgb[i] = f / 255
	}
	return formatColor(rgb), true
}

// parseHSL converts as CSS Color Module Level 4, section 7.1, does.
func parseHSL(parts []string) (string, bool) {
	hue, ok := parseAngle(parts[0])
	saturation, ok2 := parseNumber(strings.TrimSuffix(parts[1], "%"), 0)
	light, ok3 := parseNumber(strings.TrimSuffix(parts[2], "%"), 0)
	if !ok || !ok2 || !ok3 {
		return "", false
	}
	s, l := math.Min(1, math.Max(0, saturation/100)), math.Min(1, math.Max(0, light/100))
	var rgb [3]float64
	for i, n := range [3]float64{0, 8, 4} {
		k := math.Mod(n+hue/30, 12)
		rgb[i] = l - s*math.Min(l, 1-l)*math.Max(-1, math.Min(math.Min(k-3, 9-k), 1))
	}
	return formatColor(rgb), true
}

// parseAngle returns an angle in degrees, from 0 to 360.
func parseAngle(s string) (float64, bool) {
	unit := 1.0
	for _, u := range []struct {
		suffix  string
		degrees float64
	}{{"deg", 1}, {"grad", 0.9}, {"rad", 180 / math.Pi}, {"turn", 360}} {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			s, unit = number, u.degrees
			break
		}
	}
	f, ok := parseNumber(s, 0)
	if f = math.Mod(f*unit, 360); f < 0 {
		f += 360
	}
	return f, ok && !strings.HasSuffix(s, "%")
}

// formatColor clamps each part to [0, 1].
func formatColor(rgb [3]float64) string {
	part := func(f float64) int { return int(math.Round(255 * math.Min(1, math.Max(0, f)))) }
	return fmt.Sprintf("#%02x%02x%02x", part(rgb[0]), part(rgb[1]), part(rgb[2]))
}
