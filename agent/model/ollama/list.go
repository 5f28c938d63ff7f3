package ollama

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ollama/ollama/api"
	"golang.org/x/sync/errgroup"

	"github.com/hob-ls/hob/agent/model"
)

// traits are what /api/show tells about a model and Hob needs.
type traits struct {
	capabilities []string // none where an old server does not tell
	family       string
	params       int64
	context      int
	remote       bool
}

// shows bounds the /api/show requests at once.
const shows = 4

// List asks what the endpoint has and what is loaded: /api/tags and /api/ps at
// once, and /api/show for every model not seen before.
func (p *Provider) List(ctx context.Context) ([]model.Model, error) {
	var (
		tags api.ListResponse
		ps   api.ProcessResponse
		g    errgroup.Group
	)
	g.Go(func() error { return p.call(ctx, http.MethodGet, "/api/tags", nil, "", &tags) })
	g.Go(func() error {
		// What is loaded is worth knowing, not worth failing for.
		if err := p.call(ctx, http.MethodGet, "/api/ps", nil, "", &ps); err != nil {
			p.opts.Log.Debug("ollama: what is loaded is unknown", "error", err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := p.showAll(ctx, tags.Models)
	if err := ctx.Err(); err != nil {
		return nil, p.broke(ctx, err)
	}
	loaded := map[string]int{}
	for _, m := range ps.Models {
		loaded[canonical(m.Name)] = m.ContextLength
	}
	models := make([]model.Model, len(tags.Models))
	for i, m := range tags.Models {
		models[i] = p.describe(m, all[i])
		numCtx, ok := loaded[canonical(m.Name)]
		models[i].NumCtx, models[i].Resident = numCtx, ok
	}
	slices.SortFunc(models, func(a, b model.Model) int { return strings.Compare(a.Name, b.Name) })
	return models, nil
}

// showAll is the traits of each model, nil where they could not be had, and
// replaces what was known.
func (p *Provider) showAll(ctx context.Context, models []api.ListModelResponse) []*traits {
	all := make([]*traits, len(models))
	var g errgroup.Group
	g.SetLimit(shows)
	for i, m := range models {
		p.mu.Lock()
		all[i] = p.shown[m.Digest]
		p.mu.Unlock()
		if all[i] != nil {
			continue
		}
		g.Go(func() error {
			t, err := p.show(ctx, m.Name)
			if err != nil {
				p.opts.Log.Debug("ollama: a model does not show itself", "model", m.Name, "error", err)
				return nil
			}
			all[i] = t
			return nil
		})
	}
	_ = g.Wait() // none of them fails

	shown, byName := map[string]*traits{}, map[string]*traits{}
	for i, m := range models {
		if t := all[i]; t != nil {
			shown[m.Digest], byName[canonical(m.Name)] = t, t
		}
	}
	p.mu.Lock()
	p.shown, p.byName = shown, byName
	p.mu.Unlock()
	return all
}

func (p *Provider) describe(m api.ListModelResponse, t *traits) model.Model {
	out := model.Model{
		Provider: p.Name(),
		Name:     m.Name,
		Params:   parseParams(m.Details.ParameterSize),
		Bytes:    m.Size,
		Family:   m.Details.Family,
		Remote:   m.RemoteHost != "" || m.RemoteModel != "" || cloud(m.Name),
		Coder:    coder(m.Name, m.Details.Family),
		Chat:     !embeds(m.Name, m.Details.Family),
	}
	if t == nil {
		return out
	}
	out.Context = t.context
	out.Remote = out.Remote || t.remote
	if t.params > 0 {
		out.Params = t.params
	}
	if len(t.capabilities) > 0 {
		out.Chat = slices.Contains(t.capabilities, "completion")
		out.Thinks = slices.Contains(t.capabilities, "thinking")
	}
	return out
}

// show asks for the traits of one model.
func (p *Provider) show(ctx context.Context, name string) (*traits, error) {
	var r api.ShowResponse
	if err := p.call(ctx, http.MethodPost, "/api/show", &api.ShowRequest{Model: name}, name, &r); err != nil {
		return nil, err
	}
	t := &traits{family: r.Details.Family, remote: r.RemoteHost != "" || r.RemoteModel != ""}
	for _, c := range r.Capabilities {
		t.capabilities = append(t.capabilities, string(c))
	}
	if n, ok := r.ModelInfo["general.parameter_count"].(float64); ok {
		t.params = int64(n)
	}
	if arch, ok := r.ModelInfo["general.architecture"].(string); ok {
		if n, ok := r.ModelInfo[arch+".context_length"].(float64); ok {
			t.context = int(n)
		}
	}
	return t, nil
}

func (p *Provider) known(name string) *traits {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byName[canonical(name)]
}

func (p *Provider) learn(name string, t *traits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byName[canonical(name)] = t
}

// call does a request whose answer is one JSON value.
func (p *Provider) call(ctx context.Context, method, path string, in any, name string, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return p.failed("the request to %s can't be written as JSON: %v", p.URL(), err)
		}
	}
	req, err := p.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return p.broke(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return p.broke(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		return p.status(resp.StatusCode, name, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return p.notOllama(err)
	}
	return nil
}

// broke is diagnose for a question, of which no half answer is worth a word.
func (p *Provider) broke(ctx context.Context, err error) error {
	err = p.diagnose(ctx, ctx, "", err)
	var e *model.Error
	if errors.As(err, &e) && e.Kind == model.Incomplete {
		return p.unreachable(e.Err)
	}
	return err
}

func (p *Provider) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return nil, p.failed("no request to %s can be made: %v", p.URL(), err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "hob")
	// Sent again when a connection kept from before turns out to be closed: net/http
	// takes the key, which it does not send, for leave to do so with a POST, too.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}

var errNoNumber = errors.New("no number")

// parseParams reads a number of parameters as Ollama writes it: "3.1B",
// "494.03M", "8x7B"; 0 if it is none.
func parseParams(s string) int64 {
	n, err := number(strings.ToUpper(strings.TrimSpace(s)))
	if err != nil {
		return 0
	}
	return int64(math.Round(n))
}

func number(s string) (float64, error) {
	if experts, each, ok := strings.Cut(s, "X"); ok {
		a, err := number(experts)
		b, err2 := number(each)
		return a * b, errors.Join(err, err2)
	}
	unit := 1.0
	for suffix, u := range map[string]float64{"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = rest, u
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n < 1e9) {
		return 0, errNoNumber
	}
	return n * unit, nil
}

// canonical is a model name with its tag.
func canonical(name string) string {
	if strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":") {
		return name
	}
	return name + ":latest"
}

// cloud reports whether the name is that of a model which runs at Ollama's own service.
func cloud(name string) bool {
	return strings.HasSuffix(name, "-cloud") || strings.HasSuffix(name, ":cloud")
}

var (
	coderName  = regexp.MustCompile(`code|devstral`) // codellama, starcoder, codestral, opencoder, …
	embedsName = regexp.MustCompile(`embed|^bge-|^e5-|^gte-|minilm|rerank`)
)

// coder reports whether a model was made for code, by its name or family.
func coder(name, family string) bool {
	name = name[strings.LastIndexByte(name, '/')+1:]
	return coderName.MatchString(strings.ToLower(name)) || coderName.MatchString(strings.ToLower(family))
}

// embeds guesses from its name whether a model can't chat, where the server does not tell.
func embeds(name, family string) bool {
	name = name[strings.LastIndexByte(name, '/')+1:]
	return embedsName.MatchString(strings.ToLower(name)) || strings.Contains(strings.ToLower(family), "bert")
}
