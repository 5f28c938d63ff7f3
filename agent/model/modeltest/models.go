package modeltest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"
)

// details are what Ollama tells about a model wherever it names one.
type details struct {
	Format            string   `json:"format"`
	Family            string   `json:"family"`
	Families          []string `json:"families"`
	ParameterSize     string   `json:"parameter_size"`
	QuantizationLevel string   `json:"quantization_level"`
}

type listed struct {
	Name          string     `json:"name"`
	Model         string     `json:"model"`
	RemoteModel   string     `json:"remote_model,omitempty"`
	RemoteHost    string     `json:"remote_host,omitempty"`
	ModifiedAt    *time.Time `json:"modified_at,omitempty"`
	Size          int64      `json:"size"`
	Digest        string     `json:"digest"`
	Details       details    `json:"details"`
	ExpiresAt     *time.Time `json:"expires_at,omitempty"`
	SizeVRAM      int64      `json:"size_vram,omitempty"`
	ContextLength int        `json:"context_length,omitempty"`
}

func (m Model) listed() listed {
	return listed{
		Name: canonical(m.Name), Model: canonical(m.Name),
		RemoteModel: m.RemoteModel, RemoteHost: m.RemoteHost,
		Size:    m.Bytes,
		Digest:  fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%+v", m))),
		Details: m.details(),
	}
}

func (m Model) details() details {
	return details{
		Format: "gguf", Family: m.Family, Families: []string{m.Family},
		ParameterSize: m.Params, QuantizationLevel: "Q4_K_M",
	}
}

func (s *Server) tags(w http.ResponseWriter, _ *http.Request) {
	s.change(func() { s.stats.Lists++ })
	models := []listed{}
	modified := time.Unix(1_700_000_000, 0).UTC()
	for _, m := range s.script.Models {
		m, _ = s.model(m.Name)
		l := m.listed()
		l.ModifiedAt = &modified
		models = append(models, l)
	}
	reply(w, http.StatusOK, map[string]any{"models": models})
}

func (s *Server) ps(w http.ResponseWriter, _ *http.Request) {
	models := []listed{}
	s.mu.Lock()
	for _, r := range s.memory.alive(time.Now()) {
		m, _ := s.model(r.name)
		l := m.listed()
		expires := r.expires.UTC()
		l.ExpiresAt, l.SizeVRAM, l.ContextLength = &expires, m.Bytes, r.numCtx
		models = append(models, l)
	}
	s.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{"models": models})
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	s.change(func() { s.stats.Shows++ })
	var req struct{ Model, Name string }
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	if req.Model == "" {
		req.Model = req.Name
	}
	m, ok := s.model(req.Model)
	if !ok {
		fail(w, http.StatusNotFound, "model '%s' not found", req.Model)
		return
	}
	reply(w, http.StatusOK, map[string]any{
		"details":      m.details(),
		"capabilities": m.Capabilities,
		"remote_model": m.RemoteModel,
		"remote_host":  m.RemoteHost,
		"model_info": map[string]any{
			"general.architecture":       m.Family,
			"general.parameter_count":    int64(math.Round(parameters(m.Params))),
			m.Family + ".context_length": m.Context,
		},
	})
}
