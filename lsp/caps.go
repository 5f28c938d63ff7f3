package lsp

import (
	"encoding/json"

	"github.com/hob-ls/hob/workspace/text"
)

// clientInfo is what the editor said about itself in initialize, reduced to what
// Hob asks about.
type clientInfo struct {
	name      string
	processID int
	roots     []string        // URIs
	options   json.RawMessage // initializationOptions
	encoding  text.Encoding

	applyEdit       bool
	documentChanges bool // versioned edits; implied by what only they can carry
	createFile      bool
	renameFile      bool
	deleteFile      bool
	transactional   bool // an edit that fails leaves nothing behind
	annotations     bool
	metadata        bool
	configuration   bool // workspace/configuration
	content         bool // workspace/textDocumentContent
	showDocument    bool
	progress        bool
	literals        bool // code actions rather than commands
	tagLLM          bool
	hob             bool // experimental.hob
	preview         bool
	input           bool
	buttons         bool // messages with buttons don't get in the way
	review          bool // hob/review
	reviewNew       bool // hob/review of files that do not exist yet
	plan            bool // hob/plan
	watchFiles      bool // it can be asked to tell of files that change on disk
	relativeGlobs   bool // in one folder only
}

// tree is decoded JSON in which a value of an unexpected type counts as absent:
// one mistyped capability must not cost the session.
type tree struct{ v any }

func (t tree) at(path ...string) tree {
	for _, key := range path {
		m, _ := t.v.(map[string]any)
		t = tree{m[key]}
	}
	return t
}

func (t tree) is(path ...string) bool {
	b, _ := t.at(path...).v.(bool)
	return b
}

func (t tree) has(path ...string) bool {
	_, ok := t.at(path...).v.(map[string]any)
	return ok
}

func (t tree) text(path ...string) string {
	s, _ := t.at(path...).v.(string)
	return s
}

func (t tree) list(path ...string) []any {
	l, _ := t.at(path...).v.([]any)
	return l
}

func (t tree) lists(want any, path ...string) bool {
	for _, v := range t.list(path...) {
		if v == want {
			return true
		}
	}
	return false
}

// readClient reads the params of initialize. Only params that are no object at
// all are an error.
func readClient(params []byte) (*clientInfo, error) {
	var m map[string]any
	if err := json.Unmarshal(params, &m); err != nil {
		return nil, err
	}
	p := tree{m}
	caps := p.at("capabilities")
	edit := caps.at("workspace", "workspaceEdit")
	action := caps.at("textDocument", "codeAction")
	hob := caps.at("experimental", "hob")
	c := &clientInfo{
		name:          p.text("clientInfo", "name"),
		applyEdit:     caps.is("workspace", "applyEdit"),
		createFile:    edit.lists("create", "resourceOperations"),
		renameFile:    edit.lists("rename", "resourceOperations"),
		deleteFile:    edit.lists("delete", "resourceOperations"),
		transactional: edit.text("failureHandling") == "transactional",
		annotations:   edit.has("changeAnnotationSupport"),
		metadata:      edit.is("metadataSupport"),
		configuration: caps.is("workspace", "configuration"),
		content:       caps.has("workspace", "textDocumentContent"),
		showDocument:  caps.is("window", "showDocument", "support"),
		progress:      caps.is("window", "workDoneProgress"),
		literals:      action.has("codeActionLiteralSupport"),
		tagLLM:        action.lists(1.0, "tagSupport", "valueSet"),
		hob:           hob.is() || hob.has(),
		preview:       hob.is("preview"),
		input:         hob.is("input"),
		buttons:       hob.is("buttons"),
		review:        hob.is("review"),
		reviewNew:     hob.is("review") && hob.is("reviewNew"),
		plan:          hob.is("plan"),
		watchFiles:    caps.is("workspace", "didChangeWatchedFiles", "dynamicRegistration"),
		relativeGlobs: caps.is("workspace", "didChangeWatchedFiles", "relativePatternSupport"),
	}
	// Neovim honours documentChanges but announces only what goes with them.
	c.documentChanges = edit.is("documentChanges") || c.createFile || c.renameFile || c.deleteFile || c.annotations
	if id, ok := p.at("processId").v.(float64); ok {
		c.processID = int(id)
	}
	offered := caps.at("general")
	switch {
	case offered.lists("utf-8", "positionEncodings"):
		c.encoding = text.UTF8
	case offered.lists("utf-32", "positionEncodings") && !offered.lists("utf-16", "positionEncodings"):
		c.encoding = text.UTF32 // against the protocol, which has everyone know UTF-16
	}
	c.roots = rootURIs(p)
	if options := p.at("initializationOptions").v; options != nil {
		c.options = json.RawMessage(raw(options))
	}
	return c, nil
}

// rootURIs are the folders of the session: workspaceFolders, else what older
// clients send.
func rootURIs(p tree) []string {
	var roots []string
	for _, f := range p.list("workspaceFolders") {
		if u := (tree{f}).text("uri"); u != "" {
			roots = append(roots, u)
		}
	}
	if len(roots) > 0 {
		return roots
	}
	if u := p.text("rootUri"); u != "" {
		return []string{u}
	}
	if path := p.text("rootPath"); path != "" {
		return []string{uriOf(path)}
	}
	return nil
}

// encodingName is the encoding as the protocol calls it.
func encodingName(e text.Encoding) string {
	switch e {
	case text.UTF8:
		return "utf-8"
	case text.UTF32:
		return "utf-32"
	}
	return "utf-16"
}
