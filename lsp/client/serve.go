package client

import (
	"encoding/json"
	"path/filepath"

	"github.com/hob-ls/hob/lsp"
)

// call is a request of the server. It is answered once: by its handler, or by
// the server's own cancellation, whichever claims it first.
type call struct {
	c      *Client
	id     json.RawMessage
	method string
	params json.RawMessage
	over   func() // ends the context of its handler, if it has one; guarded by c.mu
}

// claim reserves the right to answer; false if the call was cancelled.
func (k *call) claim() bool {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	if k.c.inbound[string(k.id)] != k {
		return false
	}
	delete(k.c.inbound, string(k.id))
	if k.over != nil {
		k.over()
	}
	return true
}

// waiting reports whether nobody answered yet.
func (k *call) waiting() bool {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	return k.c.inbound[string(k.id)] == k
}

// answer replies to a claimed call.
func (k *call) answer(result any) {
	raw := mustEncode(result)
	if raw == nil {
		raw = json.RawMessage("null")
	}
	_ = k.c.send(&message{ID: k.id, Result: raw}) // a session that ended needs no answer
}

func (k *call) reply(result any) {
	if k.claim() {
		k.answer(result)
	}
}

func (k *call) refuse(code int, text string) {
	if k.claim() {
		_ = k.c.send(&message{ID: k.id, Error: &Error{Code: code, Message: text}})
	}
}

// bad answers a call whose params break the protocol.
func (k *call) bad(err error) {
	k.c.violation("%s: %v", k.method, err)
	k.refuse(codeInvalidParams, err.Error())
}

func (c *Client) notifyHook(method string, params json.RawMessage) {
	if c.opts.Notify != nil {
		c.opts.Notify(method, params)
	}
}

// dispatch takes one message on the read loop.
func (c *Client) dispatch(m *message) {
	if m.Method == "" {
		c.response(m)
		return
	}
	switch m.Method {
	case "client/registerCapability", "client/unregisterCapability":
		defer c.notifyHook(m.Method, m.Params) // who hears of it may act on it at once
	default:
		c.notifyHook(m.Method, m.Params)
	}
	if m.ID == nil {
		c.notification(m.Method, m.Params)
		return
	}
	k := &call{c: c, id: m.ID, method: m.Method, params: m.Params}
	c.mu.Lock()
	twice := c.inbound[string(m.ID)] != nil
	c.inbound[string(m.ID)] = k
	c.mu.Unlock()
	if twice {
		c.violation("%s: request id %s is in use", m.Method, m.ID)
	}
	c.serve(k)
}

// serve answers a call, at once or on the queue of those that wait for somebody.
func (c *Client) serve(k *call) {
	if missing := c.offers.unannounced(k.method); missing != "" {
		c.violation("%s without the client's %s", k.method, missing)
		k.refuse(codeMethodNotFound, k.method+" is not supported by this client")
		return
	}
	switch k.method {
	case "workspace/applyEdit":
		c.edits.push(func() { c.applyEdit(k) })
	case "window/showMessageRequest":
		c.dialogs.push(func() { c.showMessageRequest(k) })
	case "hob/input":
		c.dialogs.push(func() { c.input(k) })
	case "hob/plan":
		c.dialogs.push(func() { c.plan(k) })
	case "hob/review":
		c.dialogs.push(func() { c.review(k) })
	case "window/workDoneProgress/create":
		c.createProgress(k)
	case "workspace/configuration":
		c.configuration(k)
	case "workspace/workspaceFolders":
		k.reply(c.folders())
	case "window/showDocument":
		c.showDocument(k)
	case "client/registerCapability", "client/unregisterCapability":
		c.register(k)
	case "workspace/codeLens/refresh", "workspace/semanticTokens/refresh", "workspace/inlayHint/refresh",
		"workspace/inlineValue/refresh", "workspace/diagnostic/refresh", "workspace/foldingRange/refresh",
		"workspace/textDocumentContent/refresh":
		k.reply(nil)
	default:
		c.violation("unknown request %s", k.method)
		k.refuse(codeMethodNotFound, "unknown request "+k.method)
	}
}

// notification handles what needs no answer.
func (c *Client) notification(method string, params json.RawMessage) {
	if missing := c.offers.unannounced(method); missing != "" {
		c.violation("%s without the client's %s", method, missing)
		return
	}
	var err error
	switch method {
	case "$/progress":
		err = c.progress(params)
	case "$/cancelRequest":
		err = c.cancelInbound(params)
	case "window/showMessage", "window/logMessage":
		err = c.showMessage(method, params)
	case "textDocument/publishDiagnostics":
		err = c.diagnostics(params)
	case "hob/jobProgress":
		err = deliver(params, c.opts.JobProgress)
	case "hob/jobDone":
		err = deliver(params, c.opts.JobDone)
	case "hob/status":
		err = deliver(params, c.opts.Status)
	case "$/logTrace":
		c.violation("$/logTrace though tracing is off")
	case "telemetry/event":
	default:
		c.violation("unknown notification %s", method)
	}
	if err != nil {
		c.violation("%s: %v", method, err)
	}
}

// deliver decodes strictly, so that a field which the contract does not name is
// noticed whether or not somebody listens.
func deliver[T lsp.JobProgress | lsp.JobResult | lsp.Status](params json.RawMessage, hook func(T)) error {
	var v T
	if err := strict(params, &v); err != nil {
		return err
	}
	if hook != nil {
		hook(v)
	}
	return nil
}

func (c *Client) cancelInbound(params json.RawMessage) error {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if err := strict(params, &p); err != nil {
		return err
	}
	c.mu.Lock()
	k := c.inbound[string(p.ID)]
	c.mu.Unlock()
	if k != nil { // else it was answered already, which is no fault
		k.refuse(codeRequestCancelled, "cancelled")
	}
	return nil
}

type messageParams struct {
	Type    int    `json:"type"`
	Message string `json:"message"`
}

// levels of messages: error, warning, info, log, debug.
func validLevel(n int) bool { return 1 <= n && n <= 5 }

func (c *Client) showMessage(method string, params json.RawMessage) error {
	var p messageParams
	if err := strict(params, &p); err != nil {
		return err
	}
	if !validLevel(p.Type) {
		c.violation("%s: type %d", method, p.Type)
	}
	if method == "window/logMessage" {
		c.log.Info("server log", "level", p.Type, "message", p.Message)
	} else if c.opts.Message != nil {
		c.opts.Message(p.Type, p.Message)
	}
	return nil
}

func (c *Client) showMessageRequest(k *call) {
	var p struct {
		messageParams
		Actions []struct {
			Title string `json:"title"`
		} `json:"actions"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	if !validLevel(p.Type) {
		c.violation("%s: type %d", k.method, p.Type)
	}
	if !k.waiting() {
		return
	}
	if c.opts.Message != nil {
		c.opts.Message(p.Type, p.Message)
	}
	titles := make([]string, len(p.Actions))
	for i, a := range p.Actions {
		titles[i] = a.Title
	}
	if c.opts.Choose != nil {
		if chosen := c.opts.Choose(p.Message, titles); chosen != "" {
			k.reply(map[string]string{"title": chosen})
			return
		}
	}
	k.reply(nil)
}

func (c *Client) input(k *call) {
	var p struct {
		Title       string `json:"title"`
		Placeholder string `json:"placeholder"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	if !k.waiting() {
		return
	}
	if c.opts.Input != nil {
		if value, ok := c.opts.Input(p.Title, p.Placeholder); ok {
			k.reply(map[string]string{"value": value})
			return
		}
	}
	k.reply(nil)
}

func (c *Client) configuration(k *call) {
	var p struct {
		Items []struct {
			ScopeURI *string `json:"scopeUri"`
			Section  *string `json:"section"`
		} `json:"items"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	c.mu.Lock()
	settings := c.settings
	c.mu.Unlock()
	values := make([]json.RawMessage, len(p.Items))
	for i, item := range p.Items {
		values[i] = json.RawMessage("null")
		if item.Section != nil && *item.Section == "hob" && settings != nil {
			values[i] = settings
		}
	}
	k.reply(values)
}

func (c *Client) showDocument(k *call) {
	var p struct {
		URI       string     `json:"uri"`
		External  *bool      `json:"external"`
		TakeFocus *bool      `json:"takeFocus"`
		Selection *lsp.Range `json:"selection"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	if c.opts.Show != nil {
		c.opts.Show(p.URI)
	}
	k.reply(map[string]bool{"success": true})
}

type workspaceFolder struct {
	URI  string `json:"uri"`
	Name string `json:"name"`
}

func (c *Client) folders() []workspaceFolder {
	folders := make([]workspaceFolder, len(c.opts.Roots))
	for i, root := range c.opts.Roots {
		folders[i] = workspaceFolder{URI: URI(root), Name: filepath.Base(root)}
	}
	return folders
}
