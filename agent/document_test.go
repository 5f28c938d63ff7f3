package agent

import "testing"

func TestDocStyle(t *testing.T) {
	for _, tt := range []struct{ language, comment, want string }{
		{"go", "// A adds.", "// A adds."},
		{"rust", "// Adds.\n//\n// Twice.", "/// Adds.\n///\n/// Twice."},
		{"rust", "/// Adds.", "/// Adds."},
		{"rust", "//! Adds.", "//! Adds."},
		{"lua", "-- Adds.\n-- @param a", "--- Adds.\n--- @param a"},
		{"lua", "--[[ Adds. ]]", "--[[ Adds. ]]"},
		{"lua", "--- Adds.", "--- Adds."},
		{"python", "# Adds.", `"""Adds."""`},
		{"python", "# Adds.\n#\n# Twice.", "\"\"\"Adds.\n\nTwice.\n\"\"\""},
		{"python", `"""Adds."""`, `"""Adds."""`},
		{"typescript", "// Adds.\n//\n// @param a one", "/**\n * Adds.\n *\n * @param a one\n */"},
		{"javascriptreact", "/* Adds. */", "/** Adds. */"},
		{"java", "/**\n * Adds.\n */", "/**\n * Adds.\n */"},
		{"cpp", "// Adds.", "// Adds."},
	} {
		if got := docStyle(tt.language, tt.comment); got != tt.want {
			t.Errorf("%s: %q became %q, want %q", tt.language, tt.comment, got, tt.want)
		}
	}
}
