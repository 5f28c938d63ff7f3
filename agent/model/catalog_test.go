package model

import "testing"

func TestFind(t *testing.T) {
	c := &Catalog{Models: []Model{
		{Provider: "gpu", Name: "qwen3:8b"},
		{Provider: "gpu", Name: "shared:1b"},
		{Provider: "ollama", Name: "codellama:latest"},
		{Provider: "ollama", Name: "hf.co/org/m:Q4"},
		{Provider: "ollama", Name: "shared:1b"},
	}}
	for id, want := range map[string]string{
		"gpu/qwen3:8b":          "gpu/qwen3:8b",
		"qwen3:8b":              "gpu/qwen3:8b",
		"codellama":             "ollama/codellama:latest",
		"ollama/codellama":      "ollama/codellama:latest",
		"hf.co/org/m:Q4":        "ollama/hf.co/org/m:Q4",
		"ollama/hf.co/org/m:Q4": "ollama/hf.co/org/m:Q4",
		"ollama/shared:1b":      "ollama/shared:1b",
		"shared:1b":             "", // which one?
		"ollama/qwen3:8b":       "",
		"qwen3":                 "",
		"":                      "",
	} {
		m, ok := c.Find(id)
		if ok != (want != "") || ok && m.ID() != want {
			t.Errorf("Find(%q) = %q, %v, want %q", id, m.ID(), ok, want)
		}
	}
	if _, ok := new(Catalog).Find("x"); ok {
		t.Error("found in nothing")
	}
}
